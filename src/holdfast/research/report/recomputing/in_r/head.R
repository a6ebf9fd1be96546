# Recomputes the numbers of this report from the csv files beside it, with base R alone.
#
#   Rscript analysis.R
#
# Every number is computed here, compared with report_numbers.csv, and the script ends with status 1 when one
# differs by more than 1e-6 (relative). Draws of permutations and bootstraps are random: where the bundle
# holds them (resampling_draws.csv) the p value and the interval are computed from them again.

folder <- local({
  given <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  if (length(given)) dirname(normalizePath(given[1])) else "."
})

# Names of cohorts and classes may be in any script.
if (!l10n_info()$`UTF-8`) invisible(suppressWarnings(Sys.setlocale("LC_CTYPE", "C.UTF-8")))

# ---- the study: its arms, outcomes and populations, as the plan says ----------------------------------------

@STUDY@

level <- 1 - settings$alpha
tolerance <- 1e-6
