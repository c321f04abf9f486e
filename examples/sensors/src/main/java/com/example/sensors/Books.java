package com.example.sensors;

import io.millstream.Topic;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What was averaged and raised, beside what has to be.
///
/// @param averages that are right
/// @param wrong averages that are not, or are there twice
/// @param alerts that were raised
/// @param alertsTwice alerts that were raised twice
/// @param averagesDue how many averages there have to be
/// @param alertsDue how many alerts there have to be
record Books(int averages, int wrong, int alerts, int alertsTwice, int averagesDue, int alertsDue) {

    /// Reads all averages and alerts, and computes what they have to be.
    ///
    /// @param seconds for which the sensors have measured
    static Books of(Topic<String> averages, Topic<String> raised, int seconds) {
        Map<String, Window.Average> due = new HashMap<>();
        for (long number = 0; number < seconds / Window.SECONDS; number++) {
            Window window = new Window(number);
            for (int sensor = 0; sensor < Main.SENSORS; sensor++) {
                for (int i = 0; i < Window.SECONDS; i++) {
                    window.add(Reading.made(sensor, number * Window.SECONDS + i));
                }
            }
            window.averages().forEach(average -> due.put(average.line(), average));
        }
        Set<String> right = new HashSet<>();
        int[] wrong = new int[1];
        averages.replay(event -> {
            if (!due.containsKey(event.data()) || !right.add(event.data())) {
                wrong[0]++;
            }
        });
        Set<String> alerts = new HashSet<>();
        int[] twice = new int[1];
        raised.replay(event -> twice[0] += alerts.add(event.data()) ? 0 : 1);
        int alertsDue =
                (int)
                        due.values().stream()
                                .filter(average -> average.degrees() > Main.ALARMING)
                                .count();
        return new Books(right.size(), wrong[0], alerts.size(), twice[0], due.size(), alertsDue);
    }

    boolean isComplete() {
        return averages >= averagesDue && alerts >= alertsDue;
    }

    @Override
    public String toString() {
        return "%d of %d averages, %d wrong; %d of %d alerts, %d twice"
                .formatted(averages, averagesDue, wrong, alerts, alertsDue, alertsTwice);
    }
}
