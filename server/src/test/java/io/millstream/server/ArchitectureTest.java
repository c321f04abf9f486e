package io.millstream.server;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The arrows between modules and packages, one sentence a test. Where one fails, move the code to
/// where the thing that it needs may be seen; a sentence changes only together with the design.
class ArchitectureTest {
    private static final JavaClasses MILLSTREAM =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.millstream");

    private static final String[] JDK = {"java..", "javax..", "org.jspecify.."};
    private static final String[] API = {"io.millstream", "io.millstream.api.."};
    private static final String ENGINE = "io.millstream.engine..";
    private static final String ENGINE_IO = "io.millstream.engine.io..";
    private static final String ENGINE_LOG = "io.millstream.engine.log..";
    private static final String ENGINE_ROUTE = "io.millstream.engine.route..";
    private static final String ENGINE_STATE = "io.millstream.engine.state..";
    private static final String PROTOCOLS = "io.millstream.protocols..";
    private static final String ACCESS = "io.millstream.protocols.access..";
    private static final String KAFKA = "io.millstream.protocols.kafka..";
    private static final String JOBS = "io.millstream.jobs..";
    private static final String INDEX = "io.millstream.index..";
    private static final String BACKENDS = "io.millstream.backends..";
    private static final String WIRE = "io.millstream.wire..";
    private static final String SERVER = "io.millstream.server..";
    private static final String TESTKIT = "io.millstream.testkit..";
    private static final String JUNIT = "io.millstream.junit..";
    private static final String BENCH = "io.millstream.bench..";

    @Test
    void the_api_depends_on_the_jdk_alone() {
        holds(
                classes()
                        .that(inAny(API))
                        .should()
                        .onlyDependOnClassesThat(inAny(JDK).or(inAny(API)))
                        .because("users compile against it"));
    }

    @Test
    void the_engine_depends_on_the_api_and_on_bitmaps_alone() {
        holds(
                classes()
                        .that(inAny(ENGINE))
                        .should()
                        .onlyDependOnClassesThat(
                                inAny(JDK).or(inAny(API)).or(inAny(ENGINE, "org.roaringbitmap..")))
                        .because("it is embedded in other people's programs"));
    }

    @Test
    void the_log_does_not_know_what_a_queue_is() {
        holds(
                noClasses()
                        .that(inAny(ENGINE_LOG))
                        .should()
                        .dependOnClassesThat(inAny(ENGINE_STATE, ENGINE_ROUTE))
                        .because("it stores bytes; their meaning is the state's"));
    }

    @Test
    void the_state_does_no_input_or_output() {
        holds(
                noClasses()
                        .that(inAny(ENGINE_STATE, ENGINE_ROUTE))
                        .should()
                        .dependOnClassesThat(
                                inAny(
                                                "java.io..",
                                                "java.nio.file..",
                                                "java.nio.channels..",
                                                "java.net..")
                                        .or(inAny(ENGINE_IO, ENGINE_LOG)))
                        .because(
                                "it is a pure fold of the log; recovery and simulation rely on"
                                        + " it"));
    }

    @Test
    void the_disk_knows_neither_log_nor_state() {
        holds(
                noClasses()
                        .that(inAny(ENGINE_IO))
                        .should()
                        .dependOnClassesThat(inAny(ENGINE_LOG, ENGINE_STATE, ENGINE_ROUTE)));
    }

    @Test
    void protocols_do_not_see_the_engine() {
        holds(
                noClasses()
                        .that(inAny(PROTOCOLS).and(resideOutsideOfPackages(KAFKA)))
                        .should()
                        .dependOnClassesThat(inAny(ENGINE))
                        .because("they speak to any backend; only Kafka's batches pass untouched"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"amqp", "aws", "http", "kafka"})
    void protocols_do_not_know_each_other(String protocol) {
        String own = "io.millstream.protocols." + protocol + "..";
        String[] others = {
            "io.millstream.protocols.amqp..",
            "io.millstream.protocols.aws..",
            "io.millstream.protocols.http..",
            KAFKA
        };
        holds(
                noClasses()
                        .that(inAny(own))
                        .should()
                        .dependOnClassesThat(inAny(others).and(resideOutsideOfPackages(own)))
                        .because("what two protocols share is a package of its own"));
    }

    @Test
    void jobs_depend_on_the_api_a_reader_of_json_and_the_words_of_traces_alone() {
        holds(
                classes()
                        .that(inAny(JOBS))
                        .should()
                        .onlyDependOnClassesThat(
                                inAny(JDK)
                                        .or(inAny(API))
                                        .or(inAny(JOBS, "tools.jackson.."))
                                        .or(
                                                inAny(
                                                        "io.opentelemetry.api..",
                                                        "io.opentelemetry.context..")))
                        .because("they run over any backend, in other people's programs"));
    }

    @Test
    void the_index_depends_on_the_api_and_a_database_alone() {
        holds(
                classes()
                        .that(inAny(INDEX))
                        .should()
                        .onlyDependOnClassesThat(
                                inAny(JDK).or(inAny(API)).or(inAny(INDEX, "org.sqlite..")))
                        .because("it reads a topic over any backend, in other people's programs"));
    }

    @Test
    void wire_depends_on_the_api_and_a_reader_of_json_alone() {
        holds(
                classes()
                        .that(inAny(WIRE))
                        .should()
                        .onlyDependOnClassesThat(
                                inAny(JDK)
                                        .or(inAny("io.millstream.api.."))
                                        .or(inAny(WIRE, "tools.jackson.core..")))
                        .because("a server and those who call it share it and nothing else"));
    }

    @Test
    void backends_depend_on_the_api_and_its_form_in_json_alone() {
        holds(
                classes()
                        .that(inAny(BACKENDS))
                        .should()
                        .onlyDependOnClassesThat(
                                inAny(JDK)
                                        .or(inAny("io.millstream.api.."))
                                        .or(inAny(WIRE, BACKENDS)))
                        .because("they are embedded in other people's programs"));
    }

    @Test
    void access_knows_the_api_and_no_protocol() {
        holds(
                classes()
                        .that(inAny(ACCESS))
                        .should()
                        .onlyDependOnClassesThat(inAny(JDK).or(inAny(API)).or(inAny(ACCESS)))
                        .because("every door asks it, whatever it speaks"));
    }

    @Test
    void only_server_testkit_junit_bench_and_kafka_see_the_engine() {
        holds(
                noClasses()
                        .that(resideOutsideOfPackages(ENGINE, SERVER, TESTKIT, JUNIT, BENCH, KAFKA))
                        .should()
                        .dependOnClassesThat(inAny(ENGINE))
                        .because("all others speak to the seam, io.millstream.api"));
    }

    @Test
    void only_the_server_reads_the_environment_and_the_configuration() {
        holds(
                noClasses()
                        .that(resideOutsideOfPackages(SERVER))
                        .should()
                        .callMethod(System.class, "getenv")
                        .orShould()
                        .callMethod(System.class, "getenv", String.class)
                        .orShould()
                        .dependOnClassesThat(inAny("io.avaje.."))
                        .because("everybody else is handed records of settings"));
    }

    @Test
    void nobody_depends_on_the_server() {
        holds(
                noClasses()
                        .that(resideOutsideOfPackages(SERVER))
                        .should()
                        .dependOnClassesThat(inAny(SERVER)));
    }

    @Test
    void what_ships_does_not_use_the_testkit() {
        holds(
                noClasses()
                        .that(resideOutsideOfPackages(TESTKIT, JUNIT, BENCH))
                        .should()
                        .dependOnClassesThat(inAny(TESTKIT)));
    }

    @Test
    void nobody_but_bench_depends_on_the_extension_for_junit() {
        holds(
                noClasses()
                        .that(resideOutsideOfPackages(JUNIT, BENCH))
                        .should()
                        .dependOnClassesThat(inAny(JUNIT))
                        .because("it is for users' tests; ours below it cannot see it"));
    }

    @Test
    void packages_form_no_cycles() {
        holds(slices().assignedFrom(new EachPackage()).should().beFreeOfCycles());
    }

    private static DescribedPredicate<JavaClass> inAny(String... packages) {
        return resideInAnyPackage(packages);
    }

    private static void holds(ArchRule rule) {
        rule.check(MILLSTREAM);
    }

    /// Each package is a slice of its own; libraries are none.
    private record EachPackage() implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            String name = type.getPackageName();
            return name.equals("io.millstream") || name.startsWith("io.millstream.")
                    ? SliceIdentifier.of(name)
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "packages of Millstream";
        }
    }
}
