# ---- what came of it -----------------------------------------------------------------------------------------

left <- setdiff(names(expected), seen)
cat(sprintf("%d numbers of the report, %d computed again here, %d of them differ\n", length(expected),
            length(unique(seen)), wrong))
if (length(left)) {
  cat("not computed again here:\n")
  cat(paste0("  ", left), sep = "\n")
}
if (wrong > 0 || !length(seen)) quit(status = 1)
