# Times metafor's REML with the Hartung-Knapp test on the tables of benchmarks/synthesis.py.
# Rscript synthesis.R FOLDER: reads k20.csv, k1000.csv and k10.csv, and prints for each the seconds
# per analysis, the least of several rounds.

suppressMessages(library(metafor))
folder <- commandArgs(trailingOnly = TRUE)[1]
table_of <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))

seconds <- function(rounds, times, run) {
  min(replicate(rounds, system.time(for (i in seq_len(times)) run())[["elapsed"]])) / times
}

analyse <- function(data) {
  tryCatch(rma(yi, vi, data = data, method = "REML", test = "knha"), error = function(e) NULL)
}

analyses_of <- function(name, most = Inf) {
  tables <- split(table_of(name), table_of(name)$group)
  tables[seq_len(min(most, length(tables)))]
}

for (each in list(list("k20", 5), list("k1000", 2), list("k10", 3))) {
  tables <- analyses_of(each[[1]], 200)
  cat(seconds(each[[2]], 1, function() lapply(tables, analyse)) / length(tables), "\n")
}
