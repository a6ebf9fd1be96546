# ---- the family of outcomes, and the look at it -----------------------------------------------------------------

family <- Filter(function(outcome) isTRUE(outcome$family), outcomes)
family_p <- vapply(family, function(outcome) {
  found <- confirmed[[outcome$name]]
  if (is.null(found)) NA_real_ else as.numeric(found$parts$p)
}, numeric(1))
holm <- settings$multiplicity == "holm"
family_adjusted <- if (holm) p.adjust(ifelse(is.na(family_p), 1, family_p), "holm") else family_p

# The interval at the share of alpha that the outcome keeps; a confidence sequence has only one level.
at_its_level <- function(found) {
  usual <- level
  if (found$name != "confidence_sequence") level <<- 1 - family_alpha / (if (holm) length(family) else 1)
  parts <- c(found$again()[c("estimate", "low", "high")], level = level)
  level <<- usual
  parts
}
for (i in seq_along(family)) {
  place <- paste("family", family[[i]]$name, sep = "/")
  found <- confirmed[[family[[i]]$name]]
  if (is.null(found) || !wanted(place)) next
  checked(place, compare(place, c(at_its_level(found), p = family_p[i], p_adjusted = family_adjusted[i],
                                  rejected = family_adjusted[i] <= family_alpha)))
}

first_found <- confirmed[[outcomes[[1]]$name]]
if (settings$looks == "planned") {
  p <- if (is.null(first_found)) NA else as.numeric(first_found$parts$p)
  compare("looks/present", list(fraction = present_share, threshold = family_alpha, p = p,
                                alpha_spent = if (present_share > 0) spent_at(present_share) else 0,
                                crossed = p <= family_alpha))
}
if (!is.null(first_found)) compare("looks/sequence", first_found$parts)
