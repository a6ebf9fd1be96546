# ---- every outcome in every population -----------------------------------------------------------------------

covariates <- local({
  if (!length(settings$covariates)) return(NULL)
  rows <- read_table("baseline_covariates")
  columns <- lapply(settings$covariates, function(name) {
    one <- rows[rows$covariate == name, ]
    as.numeric(one$value[match(students$student_id, one$student_id)])
  })
  as.data.frame(columns, col.names = make.names(settings$covariates))
})


# The outcome in one population, laid out: whose value, in which arm, counted over what.
laid_out <- function(outcome, chosen) {
  value <- values_of(outcome)
  exposure <- exposure_of(outcome)
  counted <- outcome$kind == "count"
  made <- list(chosen = chosen, value = value, exposure = exposure, counted = counted,
               seen = if (counted) ifelse(is.na(exposure), NA, value) else value,
               rate = if (counted) ifelse(exposure > 0, value / exposure, NA) else value)
  x <- made$rate[chosen & treated]; y <- made$rate[chosen & !treated]
  made$missing <- c(sum(is.na(x)), sum(is.na(y)))
  made$x <- x[!is.na(x)]; made$y <- y[!is.na(y)]
  made
}
of_arms <- function(made, v) {
  there <- made$chosen & !is.na(made$seen)
  c(sum(v[there & treated]), sum(v[there & !treated]))
}
describe_arms <- function(place, outcome, made) {
  for (arm in c("control", "treated")) {
    here <- made$chosen & (treated == (arm == "treated"))
    there <- here & !is.na(made$seen)
    compare(paste(place, arm, sep = "/"),
            described(made$seen[here], sum(here), outcome, if (made$counted) made$exposure[there] else 0))
  }
}

# Everything that may have been computed, by name.
of_means <- function(outcome, population, made) {
  x <- made$x; y <- made$y
  from <- function(what) drawn(outcome, population, what)
  list(
    welch = function() welch(x, y),
    student = function() student(x, y),
    seed_d = function() seed_d(x, y),
    hedges_g = function() hedges_g(x, y),
    average_variance_g = function() average_variance_g(x, y),
    mann_whitney = function() mann_whitney(x, y),
    hodges_lehmann = function() hodges_lehmann(x, y),
    brunner_munzel = function() brunner_munzel(x, y),
    permutation = function() permutation(x, y, from("permutation"), mixed_blocks(made$rate, made$chosen)),
    bca = function() bca(x, y, from("bca")),
    jzs = function() jzs(x, y),
    detectable = function() detectable(x, y),
    diagnostics = function() diagnostics(x, y, outcome),
    tost = function() tost(x, y, outcome$margin),
    manski = function() manski(x, y, made$missing, outcome),
    lee = function() lee(x, y, made$missing),
    confidence_sequence = function() confidence_sequence(x, y))
}
of_models_and_events <- function(outcome, made) {
  chosen <- made$chosen
  v <- made$rate[chosen]; first <- treated[chosen]
  table <- function() covariates[chosen, , drop = FALSE]
  classes <- function() paste(students$cohort, students[[settings$cluster]], sep = "\t")[chosen]
  list(
    lin = function() adjusted(v, first, table(), TRUE),
    ancova = function() adjusted(v, first, table(), FALSE),
    cr2 = function() cr2(v, first, classes()),
    cluster_means = function() cluster_means(v, first, classes()),
    cr2_scenarios = function() over_scenarios(outcome, chosen),
    rate_ratio = function() rate_ratio(of_arms(made, made$value), of_arms(made, made$exposure)),
    dispersion = function() dispersion(made$value[chosen], made$exposure[chosen], first),
    risk_difference = function() {
      risk_difference(c(sum(made$x), sum(made$y)), c(length(made$x), length(made$y)))
    })
}

# The test that each outcome is judged by, kept for the family; `again` computes it at another level.
confirmed <- list()
of_outcome <- function(outcome, population) {
  place <- paste(outcome$name, population, sep = "/")
  made <- laid_out(outcome, members(population))
  describe_arms(place, outcome, made)
  todo <- c(of_means(outcome, population, made), of_models_and_events(outcome, made))
  for (name in names(todo)) {
    at <- paste(place, name, sep = "/")
    if (!wanted(at)) next
    checked(at, {
      parts <- todo[[name]]()
      compare(at, parts)
      if (population == settings$population && outcome$test == name) {
        confirmed[[outcome$name]] <<- list(name = name, parts = parts, again = todo[[name]])
      }
    })
  }
}
over_scenarios <- function(outcome, chosen) {
  rows <- rows_of(outcome)
  rows$value <- numbers(rows[[outcome$column]])
  rows <- rows[!is.na(rows$value) & rows$student_id %in% students$student_id[chosen], ]
  kinds <- sort(unique(rows$scenario_id), method = "radix")
  extra <- if (length(kinds) > 1) sapply(kinds[-1], function(kind) as.numeric(rows$scenario_id == kind))
  first <- rows$student_id %in% students$student_id[treated]
  c(cr2(rows$value, first, rows$student_id, extra), scenarios = length(kinds))
}
for (outcome in outcomes) for (population in names(populations)) {
  if (any(startsWith(names(expected), paste0(outcome$name, "/", population, "/")))) of_outcome(outcome, population)
}
