/// Benchmarks, and load comparisons with the brokers that people use today. Not shipped.
///
/// Here is what all of them share: arguments, the machine, tables, quantiles. A report goes to
/// standard output as Markdown, progress to standard error.
@NullMarked
package io.millstream.bench;

import org.jspecify.annotations.NullMarked;
