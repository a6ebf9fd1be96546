# ---- statistics: x is the arm that differences start from, y the control -------------------------------------

described <- function(v, members, outcome, exposure) {
  there <- v[!is.na(v)]
  n <- length(there)
  q <- if (n) quantile(there, c(0, 0.25, 0.5, 0.75, 1), names = FALSE, type = 7) else rep(NA, 5)
  parts <- list(students = members, observed = n, missing = members - n, mean = mean(there), sd = sd(there),
                low = q[1], q1 = q[2], median = q[3], q3 = q[4], high = q[5], total = sum(there),
                exposure = sum(exposure), yes = sum(there == 1))
  if (!is.na(outcome$low)) parts$at_low <- sum(there == outcome$low)
  if (!is.na(outcome$high)) parts$at_high <- sum(there == outcome$high)
  if (n > 1 && sd(there) > 0) {
    half <- qt((1 + level) / 2, n - 1) * sd(there) / sqrt(n)
    parts$mean_low <- mean(there) - half
    parts$mean_high <- mean(there) + half
    z <- there - mean(there)
    if (n > 2) parts$skewness <- mean(z^3) / mean(z^2)^1.5 * sqrt(n * (n - 1)) / (n - 2)
  }
  parts
}

t_parts <- function(found, x, y) {
  list(estimate = mean(x) - mean(y), low = found$conf.int[1], high = found$conf.int[2],
       statistic = found$statistic, df = found$parameter, p = found$p.value, se = found$stderr,
       n_treated = length(x), n_control = length(y))
}
welch <- function(x, y, at = level) t_parts(t.test(x, y, conf.level = at), x, y)
student <- function(x, y) t_parts(t.test(x, y, var.equal = TRUE, conf.level = level), x, y)

# The noncentrality at which the observed t is a quantile, by root finding.
noncentrality <- function(t, df) {
  solve_for <- function(p) {
    f <- function(ncp) suppressWarnings(pt(t, df, ncp)) - p
    uniroot(f, c(t - 8 - abs(t) / 2, t + 8 + abs(t) / 2), extendInt = "downX", tol = 1e-13, maxiter = 10000)$root
  }
  c(solve_for((1 + level) / 2), solve_for((1 - level) / 2))
}
standardised <- function(t, df, difference, standardiser, scale) {
  j <- if (df <= 1) 0 else exp(lgamma(df / 2) - log(df / 2) / 2 - lgamma((df - 1) / 2))
  ends <- noncentrality(t, df) * scale
  d <- difference / standardiser
  list(estimate = j * d, low = j * ends[1], high = j * ends[2], d = d, d_low = ends[1], d_high = ends[2],
       df = df, correction = j, standardiser = standardiser)
}
pooled_sd <- function(x, y) {
  sqrt(((length(x) - 1) * var(x) + (length(y) - 1) * var(y)) / (length(x) + length(y) - 2))
}
hedges_g <- function(x, y) {
  found <- t.test(x, y, var.equal = TRUE)
  standardised(found$statistic, found$parameter, mean(x) - mean(y), pooled_sd(x, y),
               sqrt(1 / length(x) + 1 / length(y)))
}
average_variance_g <- function(x, y) {
  found <- t.test(x, y)
  average <- sqrt((var(x) + var(y)) / 2)
  standardised(found$statistic, found$parameter, mean(x) - mean(y), average, found$stderr / average)
}
seed_d <- function(x, y) list(estimate = (mean(x) - mean(y)) / sqrt((var(x) + var(y)) / 2))

jzs <- function(x, y) {
  found <- t.test(x, y, var.equal = TRUE)
  t <- as.numeric(found$statistic); df <- as.numeric(found$parameter)
  n <- length(x) * length(y) / (length(x) + length(y))
  r <- settings$prior_scale
  # Over u = log g; the greatest value is taken out so that nothing overflows.
  log_f <- function(u) {
    g <- exp(u)
    -log1p(n * g) / 2 - (df + 1) / 2 * log1p(t^2 / ((1 + n * g) * df)) + log(r) - log(2 * pi) / 2 - u / 2 -
      r^2 / (2 * g)
  }
  top <- optimize(log_f, c(-40, 40), maximum = TRUE, tol = 1e-10)
  f <- function(u) exp(log_f(u) - top$objective)
  pieces <- c(-60, top$maximum - c(20, 8, 3, 0), top$maximum + c(3, 8, 20), 120)
  pieces <- sort(unique(pmin(pmax(pieces, -60), 120)))
  total <- 0
  for (i in seq_len(length(pieces) - 1)) {
    total <- total + integrate(f, pieces[i], pieces[i + 1], rel.tol = 1e-11, subdivisions = 1000L)$value
  }
  log_bf <- log(total) + top$objective + (df + 1) / 2 * log1p(t^2 / df)
  list(statistic = t, df = df, log_bf10 = log_bf, bf10 = exp(log_bf))
}
detectable <- function(x, y) {
  m <- length(x); n <- length(y); df <- m + n - 2
  cut <- qt(1 - settings$alpha / 2, df)
  power <- function(d) {
    ncp <- d * sqrt(m * n / (m + n))
    suppressWarnings(pt(cut, df, ncp, lower.tail = FALSE) + pt(-cut, df, ncp)) - settings$power
  }
  d <- uniroot(power, c(1e-6, 60 / sqrt(m * n / (m + n))), tol = 1e-13, extendInt = "upX", maxiter = 10000)$root
  parts <- list(estimate = d, power = settings$power)
  if (sd(x) > 0 || sd(y) > 0) parts$in_units <- d * pooled_sd(x, y)
  parts
}
diagnostics <- function(x, y, outcome) {
  parts <- list(sd_ratio = sd(x) / sd(y))
  for (arm in c("treated", "control")) {
    v <- if (arm == "treated") x else y
    if (length(v) >= 3 && length(v) <= 5000 && sd(v) > 0) {
      found <- shapiro.test(v)
      parts[[paste0("shapiro_w_", arm)]] <- found$statistic
      parts[[paste0("shapiro_p_", arm)]] <- found$p.value
    }
    if (length(v) >= 3 && sd(v) > 0) {
      z <- v - mean(v); k <- length(v)
      parts[[paste0("skew_", arm)]] <- mean(z^3) / mean(z^2)^1.5 * sqrt(k * (k - 1)) / (k - 2)
    }
    parts[[paste0("at_ceiling_", arm)]] <- if (is.na(outcome$high)) 0 else mean(v >= outcome$high)
    parts[[paste0("at_floor_", arm)]] <- if (is.na(outcome$low)) 0 else mean(v <= outcome$low)
  }
  spread <- c(abs(x - median(x)), abs(y - median(y)))
  arm <- factor(rep(1:2, c(length(x), length(y))))
  found <- suppressWarnings(anova(lm(spread ~ arm)))
  c(parts, brown_forsythe_f = found$`F value`[1], brown_forsythe_p = found$`Pr(>F)`[1])
}
tost <- function(x, y, margin) {
  found <- t.test(x, y, conf.level = 1 - 2 * settings$alpha)
  lower <- (mean(x) - mean(y) + margin) / found$stderr
  upper <- (mean(x) - mean(y) - margin) / found$stderr
  p <- c(pt(lower, found$parameter, lower.tail = FALSE), pt(upper, found$parameter))
  list(low = found$conf.int[1], high = found$conf.int[2], df = found$parameter, p = max(p), margin = margin,
       t_lower = lower, p_lower = p[1], t_upper = upper, p_upper = p[2], equivalent = max(p) < settings$alpha)
}
