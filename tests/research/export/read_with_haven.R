# What haven reads in an SPSS or a Stata file, as one table of facts: Rscript read_with_haven.R FILE OUT.csv
given <- commandArgs(trailingOnly = TRUE)
read <- if (grepl("\\.sav$", given[1])) haven::read_sav else haven::read_dta
found <- read(given[1])
facts <- list()
fact <- function(what, variable, key, value) {
  facts[[length(facts) + 1]] <<- data.frame(what, variable, key = as.character(key), value = as.character(value))
}
for (name in names(found)) {
  column <- found[[name]]
  fact("label", name, "", attr(column, "label", exact = TRUE))
  labels <- attr(column, "labels", exact = TRUE)
  if (!is.null(labels)) fact("meaning", name, unname(labels), names(labels))
  plain <- if (inherits(column, "POSIXct")) sprintf("%.6f", as.numeric(column)) else {
    if (is.character(column)) unclass(column) else sprintf("%.17g", as.numeric(unclass(column)))
  }
  plain[is.na(column)] <- NA
  fact("cell", name, seq_along(plain), plain)
}
write.csv(do.call(rbind, facts), given[2], row.names = FALSE, na = "", fileEncoding = "UTF-8")
