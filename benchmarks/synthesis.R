# Times metafor's REML with the Hartung-Knapp test on the tables of benchmarks/synthesis.py.
# Rscript synthesis.R FOLDER: reads single20.csv, single1000.csv and many.csv, and prints for each
# the seconds per analysis, the least of several rounds.

suppressMessages(library(metafor))
folder <- commandArgs(trailingOnly = TRUE)[1]
table_of <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))

seconds <- function(rounds, times, run) {
  min(replicate(rounds, system.time(for (i in seq_len(times)) run())[["elapsed"]])) / times
}

analyse <- function(data) {
  tryCatch(rma(yi, vi, data = data, method = "REML", test = "knha"), error = function(e) NULL)
}

small <- table_of("single20")
large <- table_of("single1000")
many <- split(table_of("many"), table_of("many")$group)[1:200]

cat(seconds(5, 40, function() analyse(small)), "\n")
cat(seconds(2, 1, function() analyse(large)), "\n")
cat(seconds(3, 1, function() lapply(many, analyse)) / length(many), "\n")
