package io.millstream.testkit.simulation;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Path;

/// Whether mutants are found takes long and is tried now and then; whether they still fit the
/// sources is soon known.
class MutantTest {
    @ParameterizedTest
    @MethodSource({
        "io.millstream.testkit.simulation.MutationTest#mutants",
        "io.millstream.testkit.simulation.MutationTest#queueMutants",
        "io.millstream.testkit.simulation.MutationTest#limitMutants",
        "io.millstream.testkit.simulation.MutationTest#routeMutants",
        "io.millstream.testkit.simulation.MutationTest#shareMutants",
        "io.millstream.testkit.simulation.MutationTest#senderMutants",
        "io.millstream.testkit.simulation.MutationTest#lifecycleMutants"
    })
    void a_mistake_can_be_planted(Mutant mutant, @TempDir Path directory) throws IOException {
        mutant.compile(directory);
    }
}
