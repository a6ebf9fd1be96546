# The golden values: Rscript make_values.R reads data.json and writes values.json (18 significant digits).
#
# Debian: r-base-core r-cran-jsonlite r-cran-effectsize r-cran-bayesfactor r-cran-sandwich r-cran-lmtest
# r-cran-clubsandwich r-cran-pwr r-cran-e1071. Where Debian has no package (or one that stops at a loose
# tolerance) the published formula is written out in base R, by another route than the product's.

suppressPackageStartupMessages({
  library(jsonlite); library(effectsize); library(BayesFactor); library(sandwich); library(lmtest)
  library(clubSandwich); library(pwr); library(e1071)
})
arguments <- commandArgs(trailingOnly = TRUE)
here <- if (length(arguments)) arguments[1] else "."
data <- fromJSON(file.path(here, "data.json"), simplifyVector = TRUE)
numbers <- function(v) { v <- unlist(v); if (is.null(v)) numeric(0) else as.numeric(v) }
there <- function(v) { v <- numbers(v); v[!is.na(v)] }
quietly <- function(e) suppressWarnings(suppressMessages(e))
safely <- function(e) tryCatch(e, error = function(problem) NULL)

# --- standardised differences: noncentral t inverted by uniroot to 1e-13 -----------------------------
# pt(ncp) is good to |ncp| = 37.62; beyond that the same integral over the chi distribution, by integrate.
pnct <- function(t, df, ncp) {
  if (abs(ncp) < 37 && abs(t) < 37) return(pt(t, df, ncp))
  s_range <- sqrt(qchisq(c(1e-15, 0.5, 1 - 1e-15), df) / df)
  f <- function(s) pnorm(t * s - ncp) * 2 * df * s * dchisq(df * s^2, df)
  cuts <- sort(c(s_range, pmin(pmax(ncp / t + c(-8, -2, 0, 2, 8) / abs(t), s_range[1]), s_range[3])))
  sum(sapply(seq_len(length(cuts) - 1), function(i) if (cuts[i] < cuts[i + 1])
    integrate(f, cuts[i], cuts[i + 1], rel.tol = 1e-12, abs.tol = 1e-16, subdivisions = 1000)$value else 0))
}
ncp_limits <- function(t, df, level) {
  tail <- (1 - level) / 2
  reach <- 10 + abs(t) * 10
  one <- function(p) uniroot(function(d) pnct(t, df, d) - p, c(t - reach, t + reach), tol = 1e-13 * max(1, abs(t)),
                             maxiter = 10000)$root
  if (abs(t) < 10) return(c(one(1 - tail), one(tail)))
  near <- function(p) {
    s <- sqrt(qchisq(c(1e-6, 1 - 1e-6), df) / df)
    ends <- sort(t * s) + c(-8, 8)
    uniroot(function(d) pnct(t, df, d) - p, ends, tol = 1e-13 * abs(t), maxiter = 10000)$root
  }
  c(near(1 - tail), near(tail))
}
J <- function(df) if (df <= 1) 0 else exp(lgamma(df / 2) - log(sqrt(df / 2)) - lgamma((df - 1) / 2))
standardised <- function(d, t, df, scale, level = 0.95) {
  limits <- ncp_limits(t, df, level) * scale
  list(d = d, d_low = limits[1], d_high = limits[2], g = J(df) * d, g_low = J(df) * limits[1],
       g_high = J(df) * limits[2])
}

# --- JZS: BayesFactor where it is, and the integral over g to 1e-13 ----------------------------------
jzs <- function(t, n1, n2, r) {
  n <- n1 * n2 / (n1 + n2); df <- n1 + n2 - 2
  log_f <- function(u) {
    g <- exp(u)
    (df + 1) / 2 * (log1p(t^2 / df) - log1p(t^2 / (df * (1 + n * g)))) - log1p(n * g) / 2 +
      log(r) - log(2 * pi) / 2 - u / 2 - r^2 / (2 * g)
  }
  top <- optimize(log_f, c(-20, 60), maximum = TRUE)
  f <- function(u) exp(log_f(u) - top$objective)
  cuts <- top$maximum + c(-30, -5, -1, 0, 1, 5, 15, 60)
  log(sum(sapply(1:7, function(i) integrate(f, cuts[i], cuts[i + 1], rel.tol = 1e-12,
                                            abs.tol = 1e-15, subdivisions = 2000)$value))) + top$objective
}

# --- Brunner-Munzel from the definition --------------------------------------------------------------
bm <- function(x, y) {
  m <- length(x); n <- length(y)
  p <- mean(outer(x, y, ">") + outer(x, y, "==") / 2)
  px <- sapply(x, function(v) mean((v > y) + (v == y) / 2)); py <- sapply(y, function(v) mean((x > v) + (x == v) / 2))
  vx <- var(px) / m; vy <- var(py) / n
  if (vx + vy < 1e-20) return(NULL)
  df <- (vx + vy)^2 / (vx^2 / (m - 1) + vy^2 / (n - 1)); t <- (p - 0.5) / sqrt(vx + vy)
  half <- qt(0.975, df) * sqrt(vx + vy)
  list(p = 2 * pt(-abs(t), df), df = df, t = t, superiority = p, low = max(0, p - half), high = min(1, p + half))
}

# --- open-ended looks: the evidence at t, its interval by uniroot ------------------------------------
mixture <- function(x, y, alpha = 0.05) {
  m <- length(x); n <- length(y); N <- m * n / (m + n); df <- m + n - 2
  test <- t.test(x, y, var.equal = TRUE)
  log_e <- function(t) (df + 1) / 2 * (log1p(t^2 / df) - log1p(t^2 / (df * (1 + N)))) - log1p(N) / 2
  reach <- safely(uniroot(function(t) log_e(t) + log(alpha), c(0, 1e6), tol = 1e-13)$root)
  difference <- mean(x) - mean(y)
  list(log_e = log_e(unname(test$statistic)),
       low = if (is.null(reach)) NULL else difference - reach * test$stderr,
       high = if (is.null(reach)) NULL else difference + reach * test$stderr)
}

two_arms <- function(set) {
  x <- there(set$first); y <- there(set$second)
  out <- list()
  for (arm in c("first", "second")) {
    v <- there(set[[arm]])
    out[[arm]] <- list(n = length(v), missing = length(numbers(set[[arm]])) - length(v), mean = mean(v), sd = sd(v),
                       quantiles = unname(quantile(v, type = 7)), skew = if (length(v) > 2 && sd(v) > 0)
                         skewness(v, type = 2) else NULL,
                       shapiro = if (length(v) > 2 && sd(v) > 0) {
                         s <- shapiro.test(v); c(unname(s$statistic), s$p.value) } else NULL)
  }
  exact <- max(length(x), length(y)) < 50 && !any(duplicated(c(x, y)))
  w <- quietly(wilcox.test(x, y, conf.int = TRUE, tol.root = 1e-13 * max(1e-3, min(1, sd(c(x, y))))))
  out$mann_whitney <- list(w = unname(w$statistic), p = w$p.value, exact = exact)
  out$hodges_lehmann <- list(estimate = unname(w$estimate), low = w$conf.int[1], high = w$conf.int[2],
                             median = median(outer(x, y, "-")))
  out$brunner_munzel <- bm(x, y)
  constant <- sd(x) == 0 || sd(y) == 0
  distances <- c(abs(x - median(x)), abs(y - median(y)))
  arm <- rep(1:2, c(length(x), length(y)))
  out$brown_forsythe <- safely({ a <- quietly(anova(lm(distances ~ factor(arm))))
    if (a$`Sum Sq`[2] < 1e-20 * max(a$`Sum Sq`)) NULL else c(a$`F value`[1], a$`Pr(>F)`[1]) })
  if (constant) return(out)
  for (level in c(0.95, 0.9, 1 - 0.05 / 3)) {
    test <- t.test(x, y, conf.level = level)
    out$welch[[format(level, digits = 4)]] <- list(t = unname(test$statistic), df = unname(test$parameter), p = test$p.value, low = test$conf.int[1],
      high = test$conf.int[2], difference = mean(x) - mean(y), se = test$stderr)
  }
  test <- t.test(x, y)
  equal <- t.test(x, y, var.equal = TRUE)
  out$student <- list(t = unname(equal$statistic), df = unname(equal$parameter), p = equal$p.value,
                      low = equal$conf.int[1], high = equal$conf.int[2], se = equal$stderr)
  m <- length(x); n <- length(y)
  out$seed_d <- (mean(x) - mean(y)) / sqrt((var(x) + var(y)) / 2)
  out$hedges <- standardised(cohens_d(x, y)$Cohens_d, unname(equal$statistic), m + n - 2, sqrt(1 / m + 1 / n))
  average <- sqrt((var(x) + var(y)) / 2)
  out$average <- standardised(cohens_d(x, y, pooled_sd = FALSE)$Cohens_d, unname(test$statistic),
                              unname(test$parameter), test$stderr / average)
  g <- hedges_g(x, y); ga <- hedges_g(x, y, pooled_sd = FALSE)
  out$effectsize <- list(g = c(g$Hedges_g, g$CI_low, g$CI_high), average = c(ga$Hedges_g, ga$CI_low, ga$CI_high))
  out$log_jzs <- jzs(unname(equal$statistic), m, n, sqrt(2) / 2)
  out$bayes_factor <- safely(quietly({ b <- ttestBF(x, y, rscale = sqrt(2) / 2)@bayesFactor; c(b$bf, b$error) }))
  margin <- 2 * max(abs(mean(x) - mean(y)), test$stderr)
  lower <- t.test(x, y, mu = -margin, alternative = "greater"); upper <- t.test(x, y, mu = margin, alternative = "less")
  out$tost <- list(margin = margin, t_lower = unname(lower$statistic), p_lower = lower$p.value,
                   t_upper = unname(upper$statistic), p_upper = upper$p.value)
  if (min(m, n) >= 5) out$mixture <- mixture(x, y)
  out
}

# --- regression --------------------------------------------------------------------------------------
adjusted <- function(set) {
  frame <- data.frame(y = numbers(set$values), arm = set$in_first, set$covariates)
  frame <- frame[complete.cases(frame), ]
  for (k in 3:ncol(frame)) frame[[k]] <- frame[[k]] - mean(frame[[k]])
  names(frame)[-(1:2)] <- paste0("z", seq_len(ncol(frame) - 2))
  terms <- paste(names(frame)[-(1:2)], collapse = " + ")
  one <- function(formula) {
    model <- lm(as.formula(formula), frame)
    v <- vcovHC(model, type = "HC3")
    test <- coeftest(model, v, df = model$df.residual)["arm", ]
    limits <- coefci(model, "arm", 0.95, v, df = model$df.residual)
    c1 <- numeric(length(coef(model))); c1[1:2] <- 1
    list(difference = test[[1]], se = test[[2]], t = test[[3]], p = test[[4]], df = model$df.residual,
         low = limits[1], high = limits[2], first_mean = sum(coef(model) * c1),
         first_se = sqrt(drop(c1 %*% v %*% c1)), second_mean = coef(model)[[1]], second_se = sqrt(v[1, 1]),
         r_squared = summary(model)$r.squared)
  }
  list(ancova = one(paste("y ~ arm +", terms)), lin = one(paste("y ~ arm * (", terms, ")")))
}
clustered <- function(set) {
  frame <- data.frame(y = set$values, arm = set$in_first, cluster = set$clusters)
  model <- if (is.null(set$covariates)) lm(y ~ arm, frame) else {
    frame$z <- set$covariates[, 1]; lm(y ~ arm + z, frame) }
  v <- vcovCR(model, cluster = frame$cluster, type = "CR2")
  test <- coef_test(model, v, test = "Satterthwaite")["arm", ]
  df <- if (is.null(test$df_Satt)) test$df else test$df_Satt
  out <- list(cr2 = list(difference = test$beta, se = test$SE, df = df, t = test$beta / test$SE,
                         p = 2 * pt(-abs(test$beta / test$SE), df),
                         low = test$beta - qt(0.975, df) * test$SE, high = test$beta + qt(0.975, df) * test$SE))
  means <- aggregate(cbind(y, arm) ~ cluster, frame, mean)
  if (all(means$arm %in% 0:1)) {
    w <- t.test(means$y[means$arm == 1], means$y[means$arm == 0])
    out$means <- list(t = unname(w$statistic), df = unname(w$parameter), p = w$p.value, low = w$conf.int[1],
                      high = w$conf.int[2])
  }
  out
}

# --- counts and proportions --------------------------------------------------------------------------
rates <- function(counts, exposures) {
  test <- poisson.test(counts, exposures)
  list(ratio = if (counts[2] == 0) NULL else unname(test$estimate), p = test$p.value, low = test$conf.int[1],
       high = if (is.finite(test$conf.int[2])) test$conf.int[2] else NULL)
}
# Miettinen-Nurminen with the restricted proportions found by maximising the likelihood (score = 0 by uniroot).
mn <- function(x, n, level = 0.95) {
  restricted <- function(delta) {
    low <- max(0, -delta); high <- min(1, 1 - delta)
    score <- function(p0) { p1 <- p0 + delta
      (if (x[1] > 0) x[1] / p1 else 0) - (if (x[1] < n[1]) (n[1] - x[1]) / (1 - p1) else 0) +
        (if (x[2] > 0) x[2] / p0 else 0) - (if (x[2] < n[2]) (n[2] - x[2]) / (1 - p0) else 0) }
    width <- high - low
    if (width <= 0) return(low)
    a <- low + 1e-14 * width; b <- high - 1e-14 * width
    fa <- score(a); fb <- score(b)
    if (fa <= 0) return(low)
    if (fb >= 0) return(high)
    bounded <- function(p0) max(min(score(p0), 1e200), -1e200)
    for (i in 1:200) { m <- (a + b) / 2; if (bounded(m) > 0) a <- m else b <- m }
    (a + b) / 2
  }
  z <- function(delta) {
    p0 <- restricted(delta); p1 <- p0 + delta; N <- sum(n)
    v <- (p1 * (1 - p1) / n[1] + p0 * (1 - p0) / n[2]) * N / (N - 1)
    (x[1] / n[1] - x[2] / n[2] - delta) / sqrt(max(v, 1e-300))
  }
  d <- x[1] / n[1] - x[2] / n[2]; q <- qnorm((1 + level) / 2)
  low <- if (d <= -1 + 1e-12) -1 else uniroot(function(e) max(min(z(e), 1e3), -1e3) - q, c(-1 + 1e-12, d - 1e-12), tol = 1e-14, maxiter = 10000)$root
  high <- if (d >= 1 - 1e-12) 1 else uniroot(function(e) max(min(z(e), 1e3), -1e3) + q, c(d + 1e-12, 1 - 1e-12), tol = 1e-14, maxiter = 10000)$root
  pooled <- sum(x) / sum(n)
  z0 <- if (pooled %in% c(0, 1)) 0 else d / sqrt(pooled * (1 - pooled) * sum(1 / n) * sum(n) / (sum(n) - 1))
  list(low = low, high = high, z = z0, p = 2 * pnorm(-abs(z0)))
}
ratio <- function(observed, designed) {
  shares <- designed / sum(designed); n <- sum(observed)
  if (length(observed) == 2) return(binom.test(observed[1], n, shares[1])$p.value)
  if (choose(n + length(observed) - 1, length(observed) - 1) > 200000) return(chisq.test(observed, p = shares)$p.value)
  seen <- dmultinom(observed, prob = shares); total <- 0
  for (i in 0:n) for (j in 0:(n - i)) {
    p <- dmultinom(c(i, j, n - i - j), prob = shares); if (p <= seen * (1 + 1e-7)) total <- total + p }
  total
}

# --- permutation and bootstrap from the exported draws -----------------------------------------------
permuted <- function(set) {
  welch_t <- function(a) unname(t.test(set$values[a == 1], set$values[a == 0])$statistic)
  observed <- welch_t(set$in_first); t <- apply(set$draws, 1, welch_t)
  b <- sum(abs(t) >= abs(observed) * (1 - 1e-9))
  list(observed = observed, statistics = t, p = (b + 1) / (length(t) + 1))
}
bca <- function(set) {
  x <- set$first; y <- set$second
  t <- sapply(seq_len(nrow(set$first_places)), function(i)
    mean(x[set$first_places[i, ] + 1]) - mean(y[set$second_places[i, ] + 1]))
  t0 <- mean(x) - mean(y)
  z0 <- qnorm((sum(t < t0) + sum(t == t0) / 2) / length(t))
  jack_x <- sapply(seq_along(x), function(i) mean(x[-i]) - mean(y)); jack_y <- sapply(seq_along(y), function(i) mean(x) - mean(y[-i]))
  ux <- (length(x) - 1) * (mean(jack_x) - jack_x); uy <- (length(y) - 1) * (mean(jack_y) - jack_y)
  a <- (sum(ux^3) / length(x)^3 + sum(uy^3) / length(y)^3) / (sum(ux^2) / length(x)^2 + sum(uy^2) / length(y)^2)^1.5 / 6
  z <- z0 + qnorm(c(0.025, 0.975))
  list(replicates = t, z0 = z0, acceleration = a, limits = unname(quantile(t, pnorm(z0 + z / (1 - a * z)), type = 7)))
}

# --- bounds ------------------------------------------------------------------------------------------
bounds <- function(set) {
  x <- numbers(set$first); y <- numbers(set$second)
  fill <- function(v, w) { v[is.na(v)] <- w; v }
  ends <- list(list(fill(x, 0), fill(y, 100)), list(fill(x, 100), fill(y, 0)))
  d <- sapply(ends, function(e) mean(e[[1]]) - mean(e[[2]]))
  se <- sapply(ends, function(e) sqrt(var(e[[1]]) / length(e[[1]]) + var(e[[2]]) / length(e[[2]])))
  c_ <- uniroot(function(c) pnorm(c + (d[2] - d[1]) / max(se)) - pnorm(-c) - 0.95, c(0, 3), tol = 1e-14)$root
  list(low = d[1], high = d[2], interval = c(d[1] - c_ * se[1], d[2] + c_ * se[2]))
}

# --- planning ----------------------------------------------------------------------------------------
welch_power <- function(n1, n2, effect, ratio, alpha = 0.05) {
  s2 <- sqrt(2 / (1 + ratio^2)); s1 <- ratio * s2; v1 <- s1^2 / n1; v2 <- s2^2 / n2
  df <- (v1 + v2)^2 / (v1^2 / (n1 - 1) + v2^2 / (n2 - 1)); q <- qt(1 - alpha / 2, df); ncp <- effect / sqrt(v1 + v2)
  pt(-q, df, ncp) + pt(q, df, ncp, lower.tail = FALSE)
}
planning <- list(
  means = lapply(list(c(10, 10, 0.5), c(64, 64, 0.5), c(15, 5, 1.2), c(300, 100, 0.3), c(2, 2, 1)), function(v)
    list(n = v[1:2], effect = v[3], power = pwr.t2n.test(v[1], v[2], v[3], 0.05)$power)),
  welch = lapply(list(c(14, 6, 0.8, 0.5), c(30, 10, 0.5, 2)), function(v)
    list(n = v[1:2], effect = v[3], sd_ratio = v[4], power = welch_power(v[1], v[2], v[3], v[4]))),
  detectable = lapply(list(c(10, 10), c(15, 5), c(200, 180)), function(v)
    list(n = v, effect = uniroot(function(d) pwr.t2n.test(v[1], v[2], d, 0.05)$power - 0.8, c(0.01, 5), tol = 1e-13)$root)),
  sizes = lapply(c(0.2, 0.5, 0.8, 1.5), function(d) list(effect = d, n = ceiling(pwr.t.test(d = d, power = 0.8)$n))),
  proportions = lapply(list(c(50, 0.5, 0.7), c(200, 0.9, 0.8)), function(v)
    list(n = v[1], proportions = v[2:3], power = power.prop.test(n = v[1], p1 = v[2], p2 = v[3])$power)),
  proportion_sizes = lapply(list(c(0.5, 0.7), c(0.9, 0.8)), function(v)
    list(proportions = v, n = ceiling(power.prop.test(p1 = v[1], p2 = v[2], power = 0.8)$n)))
)

# --- looks: the recursion of Armitage, McPherson and Rowe on a fine grid (Simpson) --------------------
boundaries <- function(t, alpha = 0.05, cells = 4000) {
  spent <- 4 * (1 - pnorm(qnorm(1 - alpha / 4) / sqrt(t))); spend <- diff(c(0, spent)); z <- numeric(length(t))
  z[1] <- -qnorm(spend[1] / 2)
  # upper tail from pnorm keeps digits where 1 - pnorm would not
  spent <- 4 * pnorm(qnorm(1 - alpha / 4) / sqrt(t), lower.tail = FALSE); spend <- diff(c(0, spent)); z[1] <- -qnorm(spend[1] / 2)
  simpson <- function(edge) { s <- seq(-edge, edge, length.out = cells + 1); h <- s[2] - s[1]
    list(s = s, w = h / 3 * c(1, rep(c(4, 2), cells / 2)[1:(cells - 1)], 1)) }
  grid <- simpson(min(z[1], 9) * sqrt(t[1])); density <- dnorm(grid$s / sqrt(t[1])) / sqrt(t[1])
  for (k in seq_along(t)[-1]) {
    step <- sqrt(t[k] - t[k - 1]); mass <- density * grid$w
    cross <- function(b) 2 * sum(mass * pnorm((b * sqrt(t[k]) - grid$s) / step, lower.tail = FALSE))
    z[k] <- uniroot(function(b) log(cross(b)) - log(spend[k]), c(0.5, 10), tol = 1e-13)$root
    if (k < length(t)) {
      new <- simpson(min(z[k], 9) * sqrt(t[k]))
      density <- sapply(new$s, function(v) sum(mass * dnorm((v - grid$s) / step))) / step
      grid <- new
    }
  }
  z
}

values <- list(
  arms = lapply(data$arms, two_arms), models = lapply(data$models, adjusted), clusters = lapply(data$clusters, clustered),
  counts = lapply(seq_len(dim(data$counts)[1]), function(i) rates(data$counts[i, 1, ], data$counts[i, 2, ])),
  proportions = lapply(seq_len(dim(data$proportions)[1]), function(i) mn(data$proportions[i, 1, ], data$proportions[i, 2, ])),
  ratios = sapply(data$ratios, function(r) if (is.matrix(r)) ratio(r[1, ], r[2, ]) else ratio(r[[1]], r[[2]])),
  p_values = lapply(data$p_values, function(p) list(holm = p.adjust(p, "holm"), bh = p.adjust(p, "BH"))),
  permuted = permuted(data$permuted), resampled = bca(data$resampled), bounded = lapply(data$bounded, bounds),
  planning = planning,
  looks = list(five = boundaries((1:5) / 5), three = boundaries(c(0.3, 0.55, 1)), two_at_01 = boundaries(c(0.5, 1), 0.01)),
  versions = list(R = R.version.string, effectsize = as.character(packageVersion("effectsize")),
                  BayesFactor = as.character(packageVersion("BayesFactor")), sandwich = as.character(packageVersion("sandwich")),
                  clubSandwich = as.character(packageVersion("clubSandwich")), pwr = as.character(packageVersion("pwr")),
                  e1071 = as.character(packageVersion("e1071")))
)
writeLines(toJSON(values, digits = I(17), auto_unbox = TRUE, null = "null", na = "null"), file.path(here, "values.json"))
