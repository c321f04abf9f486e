package com.example.sensors;

import java.util.Locale;

/// What a sensor has measured.
///
/// @param sensor which
/// @param second when, in seconds since the first reading
/// @param degrees what
record Reading(String sensor, long second, double degrees) {

    /// Stored as a line of text, `s7 120 21.50`.
    String line() {
        return "%s %d %s".formatted(sensor, second, degrees);
    }

    static Reading of(String line) {
        String[] parts = line.split(" ");
        return new Reading(parts[0], Long.parseLong(parts[1]), Double.parseDouble(parts[2]));
    }

    /// What a made-up sensor measures: each its own curve, so that it can be told what its averages
    /// have to be.
    static Reading made(int sensor, long second) {
        double degrees = 20 + sensor % 5 + 8 * Math.sin((second + 13.0 * sensor) / 40);
        return new Reading(
                "s" + sensor,
                second,
                Double.parseDouble(String.format(Locale.ROOT, "%.2f", degrees)));
    }
}
