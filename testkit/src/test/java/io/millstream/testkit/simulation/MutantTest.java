package io.millstream.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/// Whether mutants are found takes long and is tried now and then; whether they still fit the
/// sources is soon known.
class MutantTest {
    private static final System.Logger LOGGER = System.getLogger(MutantTest.class.getName());

    /// One in so many is compiled by each build, which takes most of the time.
    private static final int ROUNDS = 4;

    private static final int ROUND =
            Integer.getInteger("mutants.round", ThreadLocalRandom.current().nextInt(ROUNDS));

    @BeforeAll
    static void say_which_are_compiled() {
        LOGGER.log(
                System.Logger.Level.INFO,
                "Of the mutants, those of round %d of %d are compiled; of the others the lines are"
                                .formatted(ROUND, ROUNDS)
                        + " looked up. Others: -Dmutants.round=0 to 3");
    }

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
        if (Math.floorMod(mutant.name().hashCode(), ROUNDS) == ROUND) {
            mutant.compile(directory);
        } else {
            assertThat(mutant.planted()).isNotEmpty();
        }
    }
}
