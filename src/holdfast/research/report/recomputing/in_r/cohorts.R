# ---- several cohorts: each one, the summary over them, their disagreement and the trend --------------------------

constant <- function(v) diff(range(v)) <= 10 * .Machine$double.eps * max(abs(v))
one_cohort <- function(cohort) {
  place <- paste("cohorts", cohort, sep = "/")
  made <- laid_out(outcomes[[1]], members(settings$population) & students$cohort %in% cohort)
  describe_arms(place, outcomes[[1]], made)
  if (min(length(made$x), length(made$y)) < settings$minimum || constant(made$x) || constant(made$y)) return(NULL)
  found <- welch(made$x, made$y)
  compare(paste(place, "welch", sep = "/"), found)
  c(estimate = found$estimate, se = found$se)
}
with_t_of <- function(estimate, error, df) {
  half <- qt((1 + level) / 2, df) * error
  list(estimate = estimate, low = estimate - half, high = estimate + half, statistic = estimate / error,
       df = df, p = 2 * pt(-abs(estimate / error), df), se = error)
}
disagreement <- function(y, v) {
  w <- 1 / v; k <- length(y)
  q <- sum(w * (y - sum(w * y) / sum(w))^2)
  list(statistic = q, df = k - 1, p = pchisq(q, k - 1, lower.tail = FALSE),
       tau_squared = max(0, (q - (k - 1)) / (sum(w) - sum(w^2) / sum(w))),
       i_squared = if (q > 0) max(0, 1 - (k - 1) / q) else 0)
}
# DerSimonian and Laird with Hartung and Knapp's error; two cohorts: one common effect.
pooled <- function(y, v, tau) {
  k <- length(y)
  if (k < 3) {
    w <- 1 / v
    mean <- sum(w * y) / sum(w); error <- sqrt(1 / sum(w)); half <- qnorm((1 + level) / 2) * error
    return(list(estimate = mean, low = mean - half, high = mean + half, statistic = mean / error,
                p = 2 * pnorm(-abs(mean / error)), se = error))
  }
  w <- 1 / (v + tau)
  mean <- sum(w * y) / sum(w)
  with_t_of(mean, sqrt(max(1, sum(w * (y - mean)^2) / (k - 1)) / sum(w)), k - 1)
}
trend <- function(y, v, tau) {
  w <- 1 / (v + tau); x <- seq_along(y)
  found <- lm.wfit(cbind(1, x), y, w)
  spread <- sum(w * (x - sum(w * x) / sum(w))^2)
  df <- length(y) - 2
  with_t_of(found$coefficients[[2]], sqrt(max(1, sum(w * found$residuals^2) / df) / spread), df)
}
# As they began, where that is known of each; else by name.
in_order <- function(named) {
  named <- sort(named, method = "radix")
  if (!"cohort_order" %in% names(students)) return(named)
  number <- as.numeric(students$cohort_order)
  begun <- vapply(named, function(one) min(number[students$cohort %in% one]), 0)
  if (anyNA(begun)) named else named[order(begun, seq_along(named))]
}
if (any(startsWith(names(expected), "cohorts/"))) checked("longitudinal", {
  named <- in_order(unique(students$cohort[members(settings$population)]))
  each <- Filter(Negate(is.null), lapply(named, one_cohort))
  if (length(each) > 1) {
    y <- vapply(each, function(one) one[["estimate"]], 0); v <- vapply(each, function(one) one[["se"]], 0)^2
    spread <- disagreement(y, v)
    compare("longitudinal/heterogeneity", spread)
    compare("longitudinal/pooled", pooled(y, v, spread$tau_squared))
    if (length(y) > 2) compare("longitudinal/trend", trend(y, v, spread$tau_squared))
  }
})
