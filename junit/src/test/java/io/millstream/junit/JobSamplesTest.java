package io.millstream.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millstream.jobs.JobType;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

class JobSamplesTest {
    private record Bill(int order, String currency) {}

    private record Renamed(int order, String money) {}

    private record Wider(int order, String currency, List<String> notes) {}

    private record Retyped(String order, String currency) {}

    private record Tagged(Set<String> tags) {}

    private static final JobType<Bill, Void> BILL = JobType.of("order.bill", Bill.class);

    @TempDir private Path folder;

    @BeforeEach
    void record_the_first_version() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> with(BILL, new Bill(7, "EUR")).check())
                .withMessageContaining("order.bill.v1.json was not there and has been recorded");
    }

    private <P> JobSamples with(JobType<P, ?> type, P payload) {
        return JobSamples.in(folder).sample(type, payload);
    }

    private static void assertFails(JobSamples samples, String... texts) {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(samples::check)
                .satisfies(failed -> assertThat(failed.getMessage()).contains(texts));
    }

    @Test
    void what_is_recorded_passes_from_then_on() throws IOException {
        with(BILL, new Bill(8, "CHF")).check();

        assertThat(folder.resolve("order.bill.v1.json"))
                .hasContent("{\n  \"order\" : 7,\n  \"currency\" : \"EUR\"\n}");
    }

    @Test
    void sets_have_no_order_to_be_told() {
        JobType<Tagged, Void> tagged = JobType.of("tagged", Tagged.class);
        Tagged sample = new Tagged(new LinkedHashSet<>(List.of("zz", "b", "aa", "y")));
        JobSamples samples = with(BILL, new Bill(7, "EUR")).sample(tagged, sample);
        assertFails(samples, "has been recorded");

        samples.check();
    }

    @Test
    void a_member_that_is_renamed_is_told_with_what_to_do() {
        assertFails(
                with(JobType.of("order.bill", Renamed.class), new Renamed(7, "EUR")),
                "order.bill.v1.json: order.bill cannot read it any more",
                "money",
                ".version(2) and .upcast(1, old -> ...)");
    }

    @Test
    void a_member_that_is_taken_away_is_told() {
        record Less(int order) {}
        assertFails(
                with(JobType.of("order.bill", Less.class), new Less(7)),
                "reads it as something else: currency is gone");
    }

    @Test
    void a_member_of_another_type_is_told() {
        assertFails(
                with(JobType.of("order.bill", Retyped.class), new Retyped("7", "EUR")),
                "order was 7 and is \"7\"");
    }

    @Test
    void a_new_version_with_an_upcaster_passes_once_it_is_recorded() {
        JobType<Renamed, Void> now =
                JobType.of("order.bill", Renamed.class)
                        .version(2)
                        .upcast(
                                1,
                                old -> {
                                    old.set("money", old.remove("currency"));
                                    return old;
                                });
        assertFails(with(now, new Renamed(7, "EUR")), "order.bill.v2.json was not there");

        with(now, new Renamed(7, "EUR")).check();
        assertThat(folder.resolve("order.bill.v1.json")).exists();
    }

    @Test
    void an_upcaster_that_is_missing_is_told() {
        assertFails(
                with(
                        JobType.of("order.bill", Wider.class).version(2),
                        new Wider(7, "EUR", List.of("x"))),
                "order.bill#2 cannot read it any more",
                "Mend the upcasters from 1 to 2");
    }

    @Test
    void a_type_that_is_renamed_is_told_until_it_has_an_alias() {
        JobType<Bill, Void> renamed = JobType.of("order.invoice", Bill.class);
        assertFails(
                with(renamed, new Bill(7, "EUR")),
                "no type does jobs of order.bill",
                ".alias(\"order.bill\")");

        with(renamed.alias("order.bill"), new Bill(7, "EUR")).check();
    }

    @Test
    void a_version_that_goes_down_is_told() throws IOException {
        Files.writeString(folder.resolve("order.bill.v3.json"), "{}");

        assertFails(with(BILL, new Bill(7, "EUR")), "no type does jobs of order.bill#3");
    }

    @Test
    void names_may_have_any_characters() {
        JobType<Bill, Void> odd = JobType.of("orders/bill it?", Bill.class);
        JobSamples both = with(BILL, new Bill(7, "EUR")).sample(odd, new Bill(7, "EUR"));
        assertFails(both, "orders%2Fbill+it%3F.v1.json was not there");

        both.check();
    }

    @Test
    void a_file_that_is_no_sample_is_told() throws IOException {
        Files.writeString(folder.resolve("notes.txt"), "");
        Files.writeString(folder.resolve("order.bill.v1.json"), "{");

        assertFails(
                with(BILL, new Bill(7, "EUR")),
                "notes.txt is no sample",
                "order.bill.v1.json is not JSON any more");
    }
}
