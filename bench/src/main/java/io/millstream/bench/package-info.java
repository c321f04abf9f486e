/// Benchmarks, and load comparisons with the brokers that people use today. Not shipped.
@NullMarked
package io.millstream.bench;

import org.jspecify.annotations.NullMarked;
