drawn <- function(outcome, population, what) {
  if (is.null(draws) || population != settings$population) return(NULL)
  found <- draws$value[draws$outcome == outcome$name & draws$statistic == what]
  if (length(found)) found else NULL
}
# How many allocation blocks hold students of both arms with a value.
mixed_blocks <- function(v, chosen) {
  there <- chosen & !is.na(v)
  block <- if (settings$blocks) paste(students$cohort, students$allocation_block, sep = "\t") else rep("", nrow(students))
  block <- block[there]
  sum(tapply(treated[there], block, function(arms) length(unique(arms)) == 2))
}
permutation <- function(x, y, from, blocks) {
  parts <- list(statistic = as.numeric(t.test(x, y)$statistic), blocks = blocks)
  if (is.null(from)) return(parts)
  extreme <- sum(abs(from) >= abs(parts$statistic) * (1 - 1e-9))
  c(parts, as_extreme = extreme, p = (extreme + 1) / (length(from) + 1))
}
bca <- function(x, y, from) {
  parts <- list(estimate = mean(x) - mean(y))
  leave <- c((length(x) * mean(x) - x) / (length(x) - 1) - mean(y),
             mean(x) - (length(y) * mean(y) - y) / (length(y) - 1))
  groups <- rep(1:2, c(length(x), length(y)))
  m <- c(length(x), length(y))
  u <- numeric(length(leave))
  for (g in 1:2) u[groups == g] <- (m[g] - 1) * (mean(leave[groups == g]) - leave[groups == g]) / m[g]
  parts$acceleration <- sum(u^3) / (6 * sum(u^2)^1.5)
  if (is.null(from)) return(parts)
  parts$se <- sd(from)
  near <- abs(from - parts$estimate) <= 1e-12 * diff(range(from))
  z0 <- qnorm((sum(from < parts$estimate & !near) + sum(near) / 2) / length(from))
  parts$bias_correction <- z0
  z <- qnorm(c((1 - level) / 2, (1 + level) / 2))
  at <- pnorm(z0 + (z0 + z) / (1 - parts$acceleration * (z0 + z)))
  ends <- quantile(from, at, names = FALSE, type = 7)
  c(parts, low = ends[1], high = ends[2])
}
