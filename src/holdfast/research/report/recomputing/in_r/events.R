rate_ratio <- function(counts, over) {
  found <- poisson.test(counts, over, conf.level = level)
  list(estimate = found$estimate, low = found$conf.int[1], high = found$conf.int[2], p = found$p.value,
       count_treated = counts[1], count_control = counts[2], exposure_treated = over[1],
       exposure_control = over[2], rate_treated = counts[1] / over[1], rate_control = counts[2] / over[2])
}
dispersion <- function(v, exposure, first) {
  chi <- 0; df <- 0
  for (arm in list(first, !first)) {
    there <- arm & !is.na(v) & !is.na(exposure) & exposure > 0
    if (sum(there) && sum(v[there])) {
      mean <- exposure[there] * sum(v[there]) / sum(exposure[there])
      chi <- chi + sum((v[there] - mean)^2 / mean)
      df <- df + sum(there) - 1
    }
  }
  list(estimate = chi / df, statistic = chi, df = df)
}

# Miettinen and Nurminen (1985): the score test under a given difference, inverted.
score <- function(yes, n, delta) {
  total <- sum(n)
  l3 <- total
  l2 <- (n[1] + 2 * n[2]) * delta - total - sum(yes)
  l1 <- (n[2] * delta - total - 2 * yes[2]) * delta + sum(yes)
  l0 <- yes[2] * delta * (1 - delta)
  q <- l2^3 / (3 * l3)^3 - l1 * l2 / (6 * l3^2) + l0 / (2 * l3)
  root <- sqrt(max(l2^2 / (3 * l3)^2 - l1 / (3 * l3), 0))
  p <- if (q >= 0) root else -root
  a <- if (p == 0) 0 else (pi + acos(max(-1, min(1, q / p^3)))) / 3
  p2 <- max(0, min(1, 2 * p * cos(a) - l2 / (3 * l3)))
  p1 <- max(0, min(1, p2 + delta))
  variance <- (p1 * (1 - p1) / n[1] + p2 * (1 - p2) / n[2]) * total / (total - 1)
  difference <- yes[1] / n[1] - yes[2] / n[2] - delta
  if (variance <= 0) return(if (abs(difference) < 1e-12) 0 else sign(difference) * Inf)
  difference / sqrt(variance)
}
risk_difference <- function(yes, n, at = level) {
  difference <- yes[1] / n[1] - yes[2] / n[2]
  z <- score(yes, n, 0)
  cut <- qnorm((1 + at) / 2)
  end <- function(from, to, target) {
    f <- function(delta) { s <- score(yes, n, delta); max(min(s, 1e6), -1e6) - target }
    if (f(from) * f(to) > 0) return(if (target > 0) -1 else 1)
    uniroot(f, c(from, to), tol = 1e-14, maxiter = 10000)$root
  }
  list(estimate = difference, low = if (difference <= -1) -1 else end(-1 + 1e-13, difference, cut),
       high = if (difference >= 1) 1 else end(difference, 1 - 1e-13, -cut), statistic = z,
       p = 2 * pnorm(-abs(z)), yes_treated = yes[1], yes_control = yes[2], n_treated = n[1], n_control = n[2])
}
