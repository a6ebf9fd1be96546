# ---- reading -----------------------------------------------------------------------------------------------

# Texts that a spreadsheet would run as a formula have an apostrophe in front; it is taken away again.
unguarded <- function(text) sub("^'(?='*[=+\\-@\t\r\n\uff0b\uff0d\uff1d\uff20])", "", text, perl = TRUE)

# Texts are UTF-8 whatever the locale is; a byte order mark is no part of the first name.
read_texts <- function(path) {
  rows <- read.csv(path, colClasses = "character", na.strings = "", check.names = FALSE, encoding = "UTF-8",
                   quote = "\"")
  names(rows) <- enc2utf8(names(rows))
  names(rows)[1] <- sub("^\ufeff", "", names(rows)[1])
  rows
}
known_tables <- new.env()
read_table <- function(name) {
  if (is.null(known_tables[[name]])) {
    rows <- read_texts(file.path(folder, "csv", paste0(name, ".csv")))
    rows[] <- lapply(rows, unguarded)
    known_tables[[name]] <- rows
  }
  known_tables[[name]]
}

numbers <- function(text) {
  if (all(is.na(text) | text %in% c("true", "false"))) return(ifelse(is.na(text), NA, as.numeric(text == "true")))
  as.numeric(text)
}

expected <- local({
  rows <- read_texts(file.path(folder, "report_numbers.csv"))
  setNames(as.numeric(rows$value), rows$name)
})
draws <- local({
  path <- file.path(folder, "resampling_draws.csv")
  if (file.exists(path)) read.csv(path) else NULL
})

students <- local({
  rows <- read_table("students_overview")
  number <- if ("enrolment_order" %in% names(rows)) numbers(rows$enrolment_order) else seq_len(nrow(rows))
  rows[order(rows$cohort, number, rows$student_id, method = "radix"), ]
})
twice <- sum(duplicated(students$student_id))
students <- students[!duplicated(students$student_id), ]
treated <- students$ab_group %in% settings$treated

meets <- function(condition) {
  column <- students[[condition[[1]]]]
  value <- condition[[3]]
  switch(condition[[2]],
    "in" = column %in% strsplit(as.character(value), "\t", fixed = TRUE)[[1]],
    "equal" = if (is.logical(value)) numbers(column) %in% as.numeric(value) else column %in% as.character(value),
    "not_equal" = !is.na(column) & column != as.character(value),
    "present" = !is.na(column),
    "at_least" = !is.na(column) & numbers(column) >= value,
    "at_least_column" = (numbers(column) >= numbers(students[[value]])) %in% TRUE,
    "true_only_in_arm" = (numbers(column) == as.numeric(students$ab_group == value)) %in% TRUE,
    stop("unknown condition ", condition[[2]]))
}
members <- function(population) {
  found <- rep(TRUE, nrow(students))
  for (condition in populations[[population]]) found <- found & meets(condition)
  found
}

rows_of <- function(outcome) {
  if (outcome$table == "students_overview") students else read_table(outcome$table)
}
# One value for each student; none at all where the column does not hold what the outcome is said to be.
values_of <- function(outcome) {
  none <- rep(NA_real_, nrow(students))
  path <- file.path(folder, "csv", paste0(outcome$table, ".csv"))
  rows <- if (file.exists(path)) rows_of(outcome) else students
  if (!file.exists(path) || !outcome$column %in% names(rows)) return(none)
  value <- numbers(rows[[outcome$column]])
  if (outcome$kind == "repeated") {
    means <- tapply(value, rows$student_id, mean, na.rm = TRUE)
    found <- as.numeric(means[match(students$student_id, names(means))])
    return(signif(ifelse(is.nan(found), NA, found), 12))  # equal means must be ties
  }
  if (anyDuplicated(rows$student_id) && !twice) return(none)
  found <- value[match(students$student_id, rows$student_id)]
  if (outcome$kind == "binary" && !all(found %in% c(0, 1, NA))) return(none)
  found
}
exposure_of <- function(outcome) {
  if (nzchar(outcome$exposure)) numbers(students[[outcome$exposure]]) else rep(NA_real_, nrow(students))
}
# Who has a value; a count is one only with what it was counted over.
observed_of <- function(outcome) {
  found <- !is.na(values_of(outcome))
  if (outcome$kind == "count") found & !is.na(exposure_of(outcome)) else found
}
