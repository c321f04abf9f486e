package io.millstream.bench;

import org.HdrHistogram.Histogram;

import java.util.Locale;

/// Figures as a reader wants them: with so many digits as mean something.
public final class Figures {
    private static final double MICROS_PER_MILLI = 1e3;

    private Figures() {}

    /// A histogram of microseconds, for one recording thread.
    public static Histogram latencies() {
        return new Histogram(3);
    }

    /// A rate per second.
    public static String rate(double perSecond) {
        return perSecond >= 10_000
                ? String.format(Locale.ROOT, "%.1fk", perSecond / 1e3)
                : String.format(Locale.ROOT, "%.0f", perSecond);
    }

    /// A quantile of microseconds, in milliseconds.
    public static String millis(Histogram micros, double percentile) {
        return millis(at(micros, percentile));
    }

    /// A quantile as it is kept.
    public static double at(Histogram micros, double percentile) {
        return (double) micros.getValueAtPercentile(percentile);
    }

    /// Microseconds in milliseconds.
    public static String millis(double micros) {
        return String.format(
                Locale.ROOT, micros < 10_000 ? "%.2f" : "%.0f", micros / MICROS_PER_MILLI);
    }

    /// How many times one figure is of another.
    public static String ratio(double figure, double of) {
        return of == 0 ? "?" : String.format(Locale.ROOT, "%.2f×", figure / of);
    }

    /// Bytes, in the unit that suits.
    public static String size(double bytes) {
        if (bytes < 1 << 10) {
            return String.format(Locale.ROOT, "%.0f B", bytes);
        }
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%.0f KB", bytes / (1 << 10))
                : String.format(Locale.ROOT, "%.1f MB", bytes / (1 << 20));
    }

    /// What a figure is worth beside the one to reach: `reached`, `half` or `not`.
    public static String verdict(double reached, double goal) {
        if (reached >= goal) {
            return "reached";
        }
        return reached * 2 >= goal ? "half" : "not";
    }
}
