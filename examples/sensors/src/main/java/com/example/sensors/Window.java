package com.example.sensors;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Ten seconds of readings, averaged for each sensor.
final class Window {
    static final int SECONDS = 10;

    private final long number;
    private final Map<String, double[]> sums = new TreeMap<>();

    /// An average.
    ///
    /// @param sensor of what
    /// @param window of which window, 0 for the first
    /// @param degrees how much
    record Average(String sensor, long window, double degrees) {
        String line() {
            return String.format(Locale.ROOT, "%s %d %.4f", sensor, window, degrees);
        }

        static Average of(String line) {
            String[] parts = line.split(" ");
            return new Average(parts[0], Long.parseLong(parts[1]), Double.parseDouble(parts[2]));
        }
    }

    Window(long number) {
        this.number = number;
    }

    static long numberOf(Reading reading) {
        return reading.second() / SECONDS;
    }

    long number() {
        return number;
    }

    void add(Reading reading) {
        double[] sum = sums.computeIfAbsent(reading.sensor(), _ -> new double[2]);
        sum[0] += reading.degrees();
        sum[1]++;
    }

    List<Average> averages() {
        List<Average> averages = new ArrayList<>();
        sums.forEach((sensor, sum) -> averages.add(new Average(sensor, number, sum[0] / sum[1])));
        return averages;
    }
}
