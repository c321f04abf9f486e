package io.millstream.bench.junit;

import io.millstream.Millstream;
import io.millstream.junit.MillstreamTest;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;

import java.util.ArrayList;
import java.util.List;

/// Tests that note when their broker was there. JUnit resolves the parameters of a test after the
/// methods before it, so the time between the two is that of the injection.
@MillstreamTest
class Starts {
    static final int TESTS = 100;

    /// In the order of the tests, in microseconds.
    static final List<Long> MICROS = new ArrayList<>();

    private long began;

    @BeforeEach
    void begin() {
        began = System.nanoTime();
    }

    @RepeatedTest(TESTS)
    void has_a_broker(Millstream millstream) {
        MICROS.add((System.nanoTime() - began) / 1000);
        millstream.queue("orders").send("one");
    }
}
