# ---- comparing ---------------------------------------------------------------------------------------------

seen <- character(0)
wrong <- 0
compare <- function(place, parts) {
  for (part in names(parts)) {
    name <- paste(place, part, sep = "/")
    if (!name %in% names(expected)) next
    want <- expected[[name]]
    got <- as.numeric(parts[[part]])
    seen <<- c(seen, name)
    same <- length(got) == 1 && is.finite(got) && abs(got - want) <= tolerance * abs(want) + 1e-12
    if (!same) {
      wrong <<- wrong + 1
      cat(sprintf("DIFFERS  %-70s report %.15g  here %.15g\n", name, want, got))
    }
  }
}
# A number that cannot be computed is as wrong as a different one.
checked <- function(place, todo) {
  tryCatch(todo, error = function(e) {
    wrong <<- wrong + 1
    cat("FAILED  ", place, ":", conditionMessage(e), "\n")
  })
}
wanted <- function(place) any(startsWith(names(expected), paste0(place, "/")))
