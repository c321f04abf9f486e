package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Feature;
import io.millstream.api.NotSupportedException;
import io.millstream.testkit.denied.DenyingBackend;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.InstantSource;
import java.util.Set;
import java.util.stream.Stream;

/// The door says at its start what it needs of a backend. That it needs no more, all other tests
/// show: [Kept#IN_A_MODEL] has nothing else.
class NeedsTest {

    private static void start(Set<Feature> denied) {
        AwsServer.start(backend -> new DenyingBackend(backend, denied, InstantSource.system()))
                .close();
    }

    static Stream<Feature> needs() {
        return AwsDoor.NEEDS.stream();
    }

    @ParameterizedTest
    @MethodSource("needs")
    void whatever_of_it_is_lacking_is_said_before_it_opens(Feature lacking) {
        assertThatThrownBy(() -> start(Set.of(lacking)))
                .isInstanceOfSatisfying(
                        NotSupportedException.class,
                        why -> assertThat(why.missing()).containsExactly(lacking))
                .hasMessageContainingAll("SQS and SNS", lacking.words(), lacking.instead());
    }

    @Test
    void all_that_is_lacking_is_said_at_once_with_what_to_do() {
        assertThatThrownBy(() -> start(Set.of(Feature.TOPICS, Feature.PAUSE, Feature.DELAY)))
                .isInstanceOfSatisfying(
                        NotSupportedException.class,
                        why ->
                                assertThat(why.missing())
                                        .containsExactly(Feature.DELAY, Feature.TOPICS))
                .hasMessage(
                        "SQS and SNS cannot begin: the backend memory does not support delay (It is"
                                + " denied here. Put the message when it is due.), topics (It is"
                                + " denied here. Put the message into one queue for each reader.)."
                                + " Use a backend that does, or do without.");
    }
}
