package io.millstream.jobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.ZoneId;
import java.util.Random;

/// What the text of a cron may be, what it means, and what is said about one that is wrong.
class CronTextTest {
    private static final String FIVE =
            "five are needed: minute, hour, day of month, month, day of week; or six, with the"
                    + " second before them.";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    0 0 * * 0               | 0 0 * * 7
                    0 0 * * SUN             | 0 0 ? * sun
                    * * * * *               | 0 * * * * *
                    */5 * * * *             | 0/5 * * * ?
                    5/10 * * * *            | 5-59/10 * * * *
                    3-50/7 * * * *          | 3,10,17-50/7 * * * *
                    0 0 1 JAN,FEB *         | 0 0 1 1-2 *
                    0 9 * * MON-FRI         | 0 9 ? * 1-5
                    0 9 * * FRI-SUN         | 0 9 * * 0,5,6
                    0 9 * * 5-0             | 0 9 * * 5-7
                    0 9 * * 7-2             | 0 9 * * SUN-TUE
                    0 9 * * SUN-SUN         | 0 9 * * 0
                    0 9 * * 0-7             | 0 9 * * *
                    0 9 * * 7#1             | 0 9 * * sun#1
                    0 9 * * 5l              | 0 9 * * FRIL
                    0 9 * * 1#1,1#2,1#3,1#4,1#5 | 0 9 * * MON
                    0 9 1-31 * MON          | 0 9 * * *
                    0 9 L-0001 * *          | 0 9 l-1 * *
                    0 9 31 1,2,4 *          | 0 9 31 JAN ?
                    0 9 30,31 4 *           | 0 9 L APR *
                    0 9 1W,LW 2 *           | 0 9 lw,1w 2 *
                    00 09 01 01 *           | 0 9 1 1 *
                    0 0-23 * * *            | 0 * * * *
                    0 0-23/1 * * *          | 0 * * * *
                    @hourly                 | 0 * * * *
                    @daily                  | 0 0 * * *
                    @midnight               | 0 0 * * *
                    @weekly                 | 0 0 * * SUN
                    @Monthly                | 0 0 1 * *
                    @YEARLY                 | 0 0 1 1 *
                    @annually               | 0 0 1 JAN ?
                    """)
    void what_means_the_same_is_equal(String one, String other) {
        assertThat(Cron.of(one)).isEqualTo(Cron.of(other)).hasSameHashCodeAs(Cron.of(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    0 0 * * 0       | 0 0 * * 1
                    0 0 13 * 5      | 0 0 13 * *
                    0 0 13 * 5      | 0 0 * * 5
                    0 0 31 * *      | 0 0 L * *
                    0 0 31W * *     | 0 0 LW * *
                    0 0 * * 5L      | 0 0 * * 5#4
                    * * * * * *     | * * * * *
                    0 */12 * * *    | 0 0,12 * * *
                    """)
    void what_means_something_else_is_not(String one, String other) {
        assertThat(Cron.of(one)).isNotEqualTo(Cron.of(other));
    }

    @Test
    void zone_and_policies_belong_to_what_it_means() {
        Cron cron = Cron.of("30 2 * * *");

        assertThat(cron.zone("Europe/Berlin")).isNotEqualTo(cron);
        assertThat(cron.gap(Cron.Gap.SKIP)).isNotEqualTo(cron);
        assertThat(cron.overlap(Cron.Overlap.BOTH)).isNotEqualTo(cron);
        assertThat(cron.zone("UTC")).isEqualTo(cron);
        assertThat(cron.zone(ZoneId.of("Europe/Berlin")).zone("Z").gap(Cron.Gap.AT_END))
                .isEqualTo(cron);
    }

    @Test
    void it_remembers_what_it_was_read_from() {
        Cron cron = Cron.of("@daily").zone("Europe/Berlin").gap(Cron.Gap.SHIFT);

        assertThat(cron.text()).isEqualTo("@daily");
        assertThat(cron).hasToString("Cron[@daily, Europe/Berlin, gap SHIFT, overlap FIRST]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    * 2 * * *       | true
                    30 * * * *      | true
                    */5 2 * * *     | true
                    0 */2 * * *     | true
                    0 0/12 * * *    | true
                    0 0-23 * * *    | true
                    0-59 2 * * *    | true
                    30 2 * * *      | false
                    0,30 1-4 * * *  | false
                    * 30 2 * * *    | false
                    */5 30 2 * * *  | false
                    @daily          | false
                    @hourly         | true
                    """)
    void a_star_or_a_step_in_minute_or_hour_makes_it_steady(String text, boolean isSteady) {
        assertThat(Cron.of(text).isSteady()).isEqualTo(isSteady);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    0 25 * * *      | hour is 0 to 23, not 25 (field 2, character 3).
                    60 * * * * *    | second is 0 to 59, not 60 (field 1, character 1).
                    0 60 * * * *    | minute is 0 to 59, not 60 (field 2, character 3).
                    * * 0 * *       | day of month is 1 to 31, not 0 (field 3, character 5).
                    * * 32W * *     | day of month is 1 to 31, not 32 (field 3, character 5).
                    * * * 13 *      | month is 1 to 12 or JAN to DEC, not 13 (field 4, character 7).
                    * * * * 8       | day of week is 0 to 7 or SUN to SAT, not 8 (field 5, \
                    character 9).
                    99999999999 * * * * | minute is 0 to 59, not 99999999999 (field 1, character 1).
                    a * * * *       | minute is 0 to 59, not a (field 1, character 1).
                    ٥ * * * *       | minute is 0 to 59, not ٥ (field 1, character 1).
                    * * * JUM *     | month is 1 to 12 or JAN to DEC, not JUM; is it JUL or JUN? \
                    (field 4, character 7).
                    * * * * MONDAY  | day of week is 0 to 7 or SUN to SAT, not MONDAY; is it MON? \
                    (field 5, character 9).
                    * * MON * *     | day of month is 1 to 31, not MON; a day of week stands in \
                    the last field (field 3, character 5).
                    * * * * JUN     | day of week is 0 to 7 or SUN to SAT, not JUN; a month \
                    stands in the last field but one (field 5, character 9).
                    * * * * L       | day of week is 0 to 7 or SUN to SAT, not L; an L follows \
                    the day, as in 5L or FRIL (field 5, character 9).
                    * * W * *       | day of month is 1 to 31, not W; a W follows the day, as in \
                    15W (field 3, character 5).
                    * * * L *       | month is 1 to 12 or JAN to DEC, not L; L stands in day of \
                    month (field 4, character 7).
                    ? * * * *       | ? stands for days only, not for minute; write * (field 1, \
                    character 1).
                    *,5 * * * *     | * and ? are all values of minute; write no others beside \
                    (field 1, character 1).
                    """)
    void a_value_that_does_not_exist_is_named_with_those_that_do(String text, String message) {
        refused(text, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    0 22-2 * * *    | in hour, 22-2 runs backwards; write 22-23,0-2 (field 2, \
                    character 3).
                    * * 31-1 * *    | in day of month, 31-1 runs backwards; write 31,1 (field 3, \
                    character 5).
                    * * * NOV-FEB * | in month, NOV-FEB runs backwards; write NOV-DEC,JAN-FEB \
                    (field 4, character 7).
                    * * * * FRI-MON | in day of week, FRI-MON runs backwards; write FRI-SUN,MON \
                    (field 5, character 9).
                    * * * * 6-2     | in day of week, 6-2 runs backwards; write 6-7,1-2 (field 5, \
                    character 9).
                    """)
    void a_range_that_runs_backwards_is_turned(String text, String message) {
        refused(text, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    */0 * * * *     | a step of minute is 1 to 59, not 0 (field 1, character 3).
                    */60 * * * *    | a step of minute is 1 to 59, not 60 (field 1, character 3).
                    0 0/24 * * *    | a step of hour is 1 to 23, not 24 (field 2, character 5).
                    5/ * * * *      | a step of minute is 1 to 59, but it is missing here (field \
                    1, character 3).
                    */x * * * *     | a step of minute is 1 to 59, not x (field 1, character 3).
                    1- * * * *      | minute is 0 to 59, but it is missing here (field 1, \
                    character 3).
                    1,,2 * * * *    | minute is 0 to 59, but it is missing here (field 1, \
                    character 3).
                    * 1, * * *      | hour is 0 to 23, but it is missing here (field 2, character \
                    5).
                    -5 * * * *      | minute is 0 to 59, but it is missing here (field 1, \
                    character 1).
                    * * * * 6#6     | which one of the month is 1 to 5, not 6 (field 5, character \
                    11).
                    * * * * 6#      | which one of the month is 1 to 5, but it is missing here \
                    (field 5, character 11).
                    * * L-31 * *    | how many days before the last is 1 to 30, not 31 (field 3, \
                    character 7).
                    *5 * * * *      | in minute, after * comes a comma or the next field, not 5 \
                    (field 1, character 2).
                    1.5 * * * *     | in minute, after 1 comes a comma or the next field, not .5 \
                    (field 1, character 2).
                    0/5/5 * * * *   | in minute, after 0/5 comes a comma or the next field, not \
                    /5 (field 1, character 4).
                    * * L/2 * *     | in day of month, after L comes a comma or the next field, \
                    not /2 (field 3, character 6).
                    * * 15W-17 * *  | in day of month, after 15W comes a comma or the next field, \
                    not -17 (field 3, character 8).
                    * * 1,15X * *   | in day of month, after 15 comes a comma or the next field, \
                    not X (field 3, character 9).
                    * * * * 5L-6    | in day of week, after 5L comes a comma or the next field, \
                    not -6 (field 5, character 11).
                    """)
    void what_does_not_belong_there_is_named_with_its_place(String text, String message) {
        refused(text, message);
    }

    @Test
    void the_number_of_fields_is_five_or_six() {
        refused("", "it has 0 fields, and " + FIVE);
        refused("*", "it has 1 field, and " + FIVE);
        refused("* * * *", "it has 4 fields, and " + FIVE);
        refused(
                "* * * * * * 2030",
                "it has 7 fields, and " + FIVE + " There is none for the year.");
    }

    @Test
    void fields_are_separated_by_what_can_be_seen_to_be_a_space() {
        assertThat(Cron.of(" \t0  0 * * 1\t")).isEqualTo(Cron.of("0 0 * * 1"));
        refused("0\u00a00 * * *", "fields are separated by spaces, not by U+00A0 (character 2).");
        refused("0 0 * * *\n", "fields are separated by spaces, not by U+000A (character 10).");
    }

    @Test
    void a_macro_that_does_not_exist_is_named_with_those_that_do() {
        refused("@dayly", "there is no @dayly; is it @daily? (field 1, character 1).");
        refused(
                "@reboot",
                "there is no @reboot, but @hourly, @daily, @weekly, @monthly, @yearly (field 1,"
                        + " character 1).");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 0 31 2 *", "0 0 31 4,6,9,11 ?", "0 0 30W 2 *", "0 0 L-30 4 *"})
    void what_can_never_run_is_refused(String text) {
        refused(
                text,
                "it can never run, as none of its months has such a day (field 3, character 5).");
    }

    @Test
    void what_runs_on_another_account_is_not_refused() {
        assertThat(Cron.of("0 0 31 2 MON")).isEqualTo(Cron.of("0 0 * 2 MON"));
    }

    @Test
    void a_text_of_any_length_is_refused_with_a_message_of_some_length() {
        assertThatThrownBy(() -> Cron.of("1,".repeat(499_999) + "1 * * * *"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it has 1000007 characters, and may have 1000.")
                .message()
                .hasSizeLessThan(300);
        assertThatThrownBy(() -> Cron.of("x".repeat(900) + " * * * *"))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .hasSizeLessThan(500);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void any_rubbish_is_read_or_refused_with_its_place(int seed) {
        Random random = new Random(seed);
        String characters = "0123456789 **,,--//##LWlw?@MONJANx\u00e9";
        for (int i = 0; i < 3_000; i++) {
            StringBuilder text = new StringBuilder(i % 2 == 0 ? "0 0 " : "");
            for (int length = random.nextInt(20); length > 0; length--) {
                text.append(characters.charAt(random.nextInt(characters.length())));
            }
            text.append(i % 2 == 0 ? "" : " * * *");
            try {
                assertThat(Cron.of(text.toString())).isEqualTo(Cron.of(text + " "));
            } catch (IllegalArgumentException wrong) {
                assertThat(wrong).hasMessageMatching("(?s)Cron \".*\": .*(field|character).*");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    Europe/Zurch    | Did you mean Europe/Zurich?
                    europe/berlin   | Did you mean Europe/Berlin?
                    Berlin          | Did you mean Europe/Berlin?
                    New York        | Did you mean America/New_York?
                    Amercia/New_York | Did you mean America/New_York?
                    Mars/Olympus    | Name one such as Europe/Berlin, America/New_York or UTC.
                    UTC+25          | Name one such as Europe/Berlin, America/New_York or UTC.
                    ``              | Name one such as Europe/Berlin, America/New_York or UTC.
                    """)
    void a_zone_that_does_not_exist_is_answered_with_those_that_are_close(
            String id, String message) {
        assertThatThrownBy(() -> Cron.of("@daily").zone(id))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no time zone \"%s\". %s", id, message);
    }

    private static void refused(String text, String message) {
        assertThatThrownBy(() -> Cron.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cron \"%s\": %s", text.replace('\n', ' '), message);
    }
}
