# The t-mixture confidence sequence: right Haar prior, standardised effect from N(0, 1).
confidence_sequence <- function(x, y) {
  found <- t.test(x, y, var.equal = TRUE)
  t <- as.numeric(found$statistic); df <- as.numeric(found$parameter)
  n <- length(x) * length(y) / (length(x) + length(y))
  log_e <- (df + 1) / 2 * (log1p(t^2 / df) - log1p(t^2 / (df * (1 + n)))) - log1p(n) / 2
  parts <- list(estimate = mean(x) - mean(y), log_e = log_e, e_value = exp(log_e), p = min(1, exp(-log_e)))
  needed <- 2 / (df + 1) * (log1p(n) / 2 - log(settings$alpha))
  room <- 1 - exp(needed) / (1 + n)
  if (room <= 0) return(parts)
  half <- sqrt(df * expm1(needed) / room) * found$stderr
  c(parts, low = parts$estimate - half, high = parts$estimate + half)
}

# Planned looks: alpha is spent as O'Brien and Fleming would, by Lan and DeMets (1983).
spent_at <- function(share) 4 * pnorm(qnorm(settings$alpha / 4) / sqrt(share))

# Nodes and weights of Gauss and Legendre on -1 to 1, from the eigenvalues of the Jacobi matrix.
legendre <- local({
  k <- seq_len(15)
  jacobi <- matrix(0, 16, 16)
  jacobi[cbind(k, k + 1)] <- jacobi[cbind(k + 1, k)] <- k / sqrt(4 * k^2 - 1)
  found <- eigen(jacobi, symmetric = TRUE)
  list(at = found$values, weight = 2 * found$vectors[1, ]^2)
})

# The p below which the last of these looks may stop: at each look the paths that were not stopped before are
# carried on (Armitage, McPherson and Rowe 1969), in panels no wider than a step.
threshold_at <- function(shares) {
  at <- 0; mass <- 1; time <- 0; used <- 0
  for (k in seq_along(shares)) {
    step <- sqrt(shares[k] - time)
    allowed <- spent_at(shares[k]) - used
    crossing <- function(z) 2 * sum(mass * pnorm(-(z * sqrt(shares[k]) - at) / step))
    z <- uniroot(function(z) log(max(crossing(z), 1e-305)) - log(max(allowed, 1e-300)), c(0, 38),
                 tol = 1e-12, maxiter = 10000)$root
    if (k == length(shares)) return(2 * pnorm(-z))
    edge <- min(z, 9) * sqrt(shares[k])
    panels <- min(200, ceiling(2 * edge / min(step, sqrt(shares[k + 1] - shares[k]))))
    half <- edge / panels
    centres <- -edge + half * (2 * seq_len(panels) - 1)
    points <- as.numeric(outer(half * legendre$at, centres, "+"))
    carried <- as.numeric(dnorm(outer(points, at, "-") / step) %*% mass) / step
    mass <- carried * rep(half * legendre$weight, panels)
    at <- points; time <- shares[k]; used <- spent_at(shares[k])
  }
}

present_share <- local({
  if (settings$looks != "planned") return(0)
  found <- sum(observed_of(outcomes[[1]]) & members(settings$population))
  min(found / settings$planned_students, 1)
})
# What the family is tested at: at a planned look what this look may spend, else alpha.
family_alpha <- local({
  if (settings$looks != "planned" || present_share <= 0) return(settings$alpha)
  if (!settings$looks_known) return(settings$family_alpha)
  earlier <- sort(unique(as.numeric(settings$earlier_looks)))
  threshold_at(c(earlier[earlier > 0 & earlier < present_share], present_share))
})
