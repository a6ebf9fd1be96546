# ---- how the study went: flow, checks, baseline, unwanted outcomes ------------------------------------------------

arms <- c(settings$control, settings$treated)
in_arms <- students$ab_group %in% arms
column <- function(name) if (name %in% names(students)) students[[name]] else rep(NA_character_, nrow(students))
holds <- function(name) any(!is.na(column(name)))
complete <- column("session_complete") %in% "true"
began <- complete | (numbers(column("scenarios_completed")) > 0) %in% TRUE |
  !is.na(column("session_id")) | !is.na(column("session_started")) | !is.na(column("session_status"))

counts <- function(place, reasons) {
  found <- vapply(reasons, sum, 0)
  compare(place, as.list(c(found, total = sum(found))))
}
missing_reasons <- function(lost) {
  list("did not start" = lost & !began, "did not complete the session" = lost & began & !complete,
       "completed, but nothing was scored" = lost & began & complete)
}
# The conditions of the protocol on which the data say something, by what it means not to meet them.
protocol <- local({
  found <- list()
  if (holds("session_complete")) found[["session not completed"]] <- complete
  if (holds("scenarios_assigned") && holds("scenarios_completed")) {
    found[["fewer scenarios completed than assigned"]] <-
      (numbers(column("scenarios_completed")) >= numbers(column("scenarios_assigned"))) %in% TRUE
  }
  if (nzchar(settings$challenge_points) && holds("challenge_points_enabled")) {
    meant <- as.numeric(students$ab_group == settings$challenge_points)
    found[["challenge points not as the arm says"]] <-
      (numbers(column("challenge_points_enabled")) == meant) %in% TRUE
  }
  found
})
protocol_reasons <- function(left) {
  reasons <- list()
  for (name in names(protocol)) {
    reasons[[name]] <- left & !protocol[[name]]
    left <- left & protocol[[name]]
  }
  list(kept = left, reasons = reasons)
}

of_flow <- function(arm, seen) {
  here <- students$ab_group %in% arm
  place <- paste("flow/arm", arm, sep = "/")
  analysed <- here & seen & members(settings$population)
  protocol <- protocol_reasons(here)
  compare(place, list(allocated = sum(here), received = sum(here & began), completed = sum(here & complete),
                      analysed = sum(analysed), per_protocol = sum(protocol$kept),
                      share_completed = sum(here & complete) / sum(here),
                      share_analysed = sum(analysed) / sum(here)))
  counts(paste0(place, "/not_received"), list("did not start" = here & !began))
  counts(paste0(place, "/lost"), list("did not complete the session" = here & began & !complete))
  counts(paste0(place, "/not_analysed"),
         c(missing_reasons(here & !seen), list("not in the analysed population" = here & seen & !analysed)))
  counts(paste0(place, "/not_per_protocol"), protocol$reasons)
}
# Who was left out before is in no table: those counts were taken at the intake, and only summed here.
of_intake <- function() {
  intake <- settings$intake
  before <- intake$quarantined + intake$duplicates + intake$excluded
  compare("intake", list(found = intake$loaded + before))
  compare("flow", list(assessed = before + twice + nrow(students), randomised = nrow(students)))
  compare("flow/excluded", list("in several cohorts, counted once" = twice))
  others <- ifelse(is.na(students$ab_group), "no arm",
                   paste0("arm ", students$ab_group, ", which the plan does not compare"))[!in_arms]
  compare("flow/other_arms", as.list(table(others)))
}

of_checks <- function(seen) {
  sizes <- vapply(arms, function(arm) sum(students$ab_group %in% arm), 0)
  lost <- vapply(arms, function(arm) sum(students$ab_group %in% arm & !seen), 0)
  share <- settings$ratio / sum(settings$ratio)
  for (i in 1:2) {
    compare(paste("checks/sample_ratio", arms[i], sep = "/"), list(allocated = sizes[i]))
    compare(paste("checks/attrition", arms[i], sep = "/"), list("without the outcome" = lost[i]))
  }
  if (sum(sizes)) {
    p <- binom.test(sizes[1], sum(sizes), share[1])$p.value
    compare("checks/sample_ratio", list(p = p, threshold = 0.001, passed = p >= 0.001, observed_0 = sizes[1],
                                        observed_1 = sizes[2], expected_0 = sum(sizes) * share[1],
                                        expected_1 = sum(sizes) * share[2]))
  }
  if (wanted("checks/attrition") && min(sizes) > 0 && sum(lost) > 0) {
    compare("checks/attrition", risk_difference(rev(lost), rev(sizes), 0.95))
  }
}
of_contamination <- function() {
  meant <- settings$challenge_points
  if (!nzchar(meant) || !holds("challenge_points_enabled")) return(invisible())
  had <- column("challenge_points_enabled")
  without <- sum(students$ab_group %in% meant & had %in% "false")
  with <- sum(students$ab_group %in% setdiff(arms, meant) & had %in% "true")
  compare(paste("checks/contamination", meant, sep = "/"),
          list("without challenge points though meant to have them" = without))
  compare(paste("checks/contamination", setdiff(arms, meant), sep = "/"),
          list("with challenge points though meant to have none" = with))
  compare("checks/contamination", list("not known" = sum(in_arms & is.na(had)), passed = without + with == 0))
}

of_measured <- function(name, rows) {
  rows <- rows[rows$covariate %in% name, ]
  value <- numbers(rows$value)[match(students$student_id, rows$student_id)]
  place <- paste("baseline/value", name, sep = "/")
  cells <- lapply(arms, function(arm) {
    v <- value[students$ab_group %in% arm]
    there <- v[!is.na(v)]
    q <- if (length(there)) quantile(there, c(0.25, 0.5, 0.75), names = FALSE) else rep(NA, 3)
    cell <- list(present = length(there), missing = length(v) - length(there), mean = mean(there),
                 sd = sd(there), q1 = q[1], median = q[2], q3 = q[3])
    compare(paste(place, arm, sep = "/"), cell)
    cell
  })
  spread <- sqrt((cells[[1]]$sd^2 + cells[[2]]$sd^2) / 2)
  compare(place, list(standardised_difference = (cells[[2]]$mean - cells[[1]]$mean) / spread))
}
of_categories <- function(name) {
  for (code in unique(column(name)[!is.na(column(name))])) for (arm in arms) {
    inside <- column(name)[students$ab_group %in% arm]
    present <- sum(!is.na(inside))
    compare(paste("baseline", name, code, arm, sep = "/"),
            list(present = present, missing = sum(is.na(inside)), count = sum(inside %in% code),
                 share = sum(inside %in% code) / present))
  }
}
of_baseline <- function() {
  rows <- read_table("baseline_covariates")
  for (name in unique(rows$covariate[!is.na(rows$covariate)])) of_measured(name, rows)
  of_categories("cohort")
  of_categories(if (nzchar(settings$cluster)) settings$cluster else "cluster")
}

of_safety <- function(name) {
  outcome <- list(table = "performance_metrics", column = name, kind = "count", exposure = "scenarios_completed")
  value <- values_of(outcome)
  exposure <- exposure_of(outcome)
  for (arm in arms) {
    there <- students$ab_group %in% arm & observed_of(outcome)
    compare(paste("safety", name, arm, sep = "/"),
            list(students = sum(there), with_event = sum(value[there] > 0), events = sum(value[there]),
                 exposure = sum(exposure[there]), share_with_event = mean(value[there] > 0)))
  }
  place <- paste("safety", name, "rate_ratio", sep = "/")
  made <- laid_out(outcome, in_arms)
  if (wanted(place)) compare(place, rate_ratio(of_arms(made, value), of_arms(made, exposure)))
}

checked("conduct", {
  there <- observed_of(outcomes[[1]])
  of_intake()
  for (arm in arms) of_flow(arm, there)
  for (outcome in outcomes) for (arm in arms) {
    counts(paste(outcome$name, "missing", arm, sep = "/"),
           missing_reasons(students$ab_group %in% arm & !observed_of(outcome)))
  }
  of_checks(there)
  of_contamination()
  of_baseline()
  for (name in settings$safety) of_safety(name)
})
