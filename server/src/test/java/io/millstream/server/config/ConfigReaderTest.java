package io.millstream.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

class ConfigReaderTest {
    @TempDir Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private final Map<Setting, String> commandLine = new HashMap<>();

    @Test
    void without_settings_the_defaults_hold() {
        ServerConfig config = read();

        assertThat(config.data()).isEqualTo(folder.resolve("millstream-data"));
        assertThat(config.bind().isLoopbackAddress()).isTrue();
        assertThat(config.awsPort()).hasValue(9324);
        assertThat(config.httpPort()).hasValue(7171);
        assertThat(config.readyFile()).isEmpty();
        assertThat(config.insecure()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 2, 3, 1",
        "1, 2, , 1",
        "1, , 3, 1",
        ", 2, 3, 2",
        ", 2, , 2",
        ", , 3, 3",
        ", , , 9324"
    })
    void the_command_line_wins_over_the_environment_and_that_over_the_file(
            String typed, String variable, String line, int port) throws IOException {
        if (typed != null) {
            commandLine.put(Setting.AWS_PORT, typed);
        }
        if (variable != null) {
            environment.put("MILLSTREAM_AWS_PORT", variable);
        }
        if (line != null) {
            file("aws.port=" + line);
        }

        assertThat(read().awsPort()).hasValue(port);
    }

    @Test
    void every_setting_can_stand_in_the_file() throws IOException {
        file(
                """
                # A comment.
                data: /tmp/mail
                bind = ::1
                aws.port=off
                http.port 0
                kafka.port=off
                amqp.port=off
                ready-file=ready.json
                insecure=true
                """);

        ServerConfig config = read();

        assertThat(config.data()).isEqualTo(Path.of("/tmp/mail"));
        assertThat(config.bind().getHostAddress()).isEqualTo("0:0:0:0:0:0:0:1");
        assertThat(config.awsPort()).isEmpty();
        assertThat(config.httpPort()).isEqualTo(OptionalInt.of(0));
        assertThat(config.readyFile()).contains(folder.resolve("ready.json"));
        assertThat(config.insecure()).isTrue();
    }

    @Test
    void a_named_file_is_read_instead_of_the_standard_one() throws IOException {
        file("aws.port=1");
        Files.writeString(folder.resolve("other"), "aws.port=2");
        environment.put("MILLSTREAM_CONFIG", "other");

        assertThat(read().awsPort()).hasValue(2);
    }

    @Test
    void a_value_may_use_variables() throws IOException {
        file("data=${PATH:}/x\naws.port=${NOT_SET_ANYWHERE:77}");

        assertThat(read().awsPort()).hasValue(77);
        assertThat(read().data().toString()).endsWith("/x").doesNotContain("$");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    aws.prot=1|PLACE is not a setting. Did you mean aws.port?
                    colour=blue|PLACE is not a setting. The settings are: data, config, bind
                    aws.port=99999|PLACE is 99999. A port is a number from 1 to 65535
                    aws.port=-1|PLACE is -1. A port is a number
                    aws.port=93 # sqs|PLACE is 93 # sqs. A port is a number
                    aws.port=OFF|PLACE is OFF. A port is a number
                    aws.port=|PLACE has no value.
                    aws.port|PLACE has no value.
                    data=${NOPE_X}/d|PLACE uses ${NOPE_X}, which the environment does not have.
                    data=\\u12|has a \\u that is not followed by four hexadecimal digits.
                    data=~/mail|PLACE is ~/mail, in which no shell has replaced the ~.
                    insecure=yes|PLACE is yes. Say true or false.
                    config=other|PLACE cannot name another settings file.
                    kafka.port=9|PLACE is 9, but the Kafka door is not built yet; leave
                    amqp.port=0|PLACE is 0, but the AMQP door is not built yet; leave
                    bind=no.invalid|PLACE is no.invalid, which is neither an address nor
                    tls.key=k|is given without tls.certificate. TLS needs both; add --tls.cert
                    ready-file=no/r|cannot be written: there is no directory
                    ready-file=.|is a directory. Name a file in it.
                    aws.port=7171|aws.port and http.port are both 7171. Give one of them
                    """)
    void a_bad_line_is_refused_with_its_place_and_what_to_do(String line, String message)
            throws IOException {
        String place = line.split("=")[0] + " in " + file(line) + ", line 1,";

        assertThatThrownBy(this::read)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message.replace("PLACE", place));
    }

    @Test
    void a_name_given_twice_is_refused() throws IOException {
        file("aws.port=1\n\naws.port=2");

        assertThatThrownBy(this::read).hasMessageContaining("is given twice");
    }

    @Test
    void a_file_that_is_not_there_is_refused() {
        commandLine.put(Setting.CONFIG, "nowhere.properties");

        assertThatThrownBy(this::read)
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "The settings file "
                                + folder.resolve("nowhere.properties")
                                + " cannot be read: it does not exist. Create it, or correct"
                                + " --config.");
    }

    @Test
    void a_directory_and_a_file_in_another_encoding_are_refused() throws IOException {
        commandLine.put(Setting.CONFIG, ".");
        assertThatThrownBy(this::read).hasMessageContaining("it is a directory");

        commandLine.put(Setting.CONFIG, "latin");
        Files.write(folder.resolve("latin"), "data=/ü".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(this::read).hasMessageContaining("it is not UTF-8. Save it as UTF-8.");
    }

    @Test
    void a_bad_variable_is_named() {
        environment.put("MILLSTREAM_HTTP_PORT", "tcp://10.0.0.1:80");

        assertThatThrownBy(this::read)
                .hasMessageStartingWith("MILLSTREAM_HTTP_PORT is tcp://10.0.0.1:80. A port is");
    }

    @Test
    void an_empty_variable_is_refused() {
        environment.put("MILLSTREAM_DATA", "");

        assertThatThrownBy(this::read).hasMessageStartingWith("MILLSTREAM_DATA has no value.");
    }

    @Test
    void a_variable_that_is_nearly_a_setting_is_pointed_out_and_others_are_not() {
        environment.put("MILLSTREAM_AWS_PROT", "1");
        environment.put("MILLSTREAM_SERVICE_HOST", "10.0.0.1");
        environment.put("MILLSTREAM_JAVA_OPTS", "-Xmx1g");
        environment.put("MILLSTREAM_USER", "admin");
        environment.put("MILLSTREAM_PASSWORD", "correct horse");

        assertThat(new ConfigReader(environment, folder).suspicions())
                .containsExactly(
                        "The variable MILLSTREAM_AWS_PROT is not a setting and is ignored. Did you"
                                + " mean MILLSTREAM_AWS_PORT?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "localhost", "::1"})
    void an_address_of_this_machine_alone_needs_no_permission(String address) {
        commandLine.put(Setting.BIND, address);

        assertThat(read().bind().isLoopbackAddress()).isTrue();
    }

    @Test
    void every_address_is_allowed_if_that_is_said_in_so_many_words() {
        commandLine.put(Setting.BIND, "0.0.0.0");
        commandLine.put(Setting.INSECURE, "true");

        assertThat(read().bind().isAnyLocalAddress()).isTrue();
    }

    @Test
    void doors_may_be_off_or_on_any_port_together() {
        commandLine.put(Setting.AWS_PORT, "0");
        commandLine.put(Setting.HTTP_PORT, "0");
        assertThat(read().awsPort()).hasValue(0);

        commandLine.put(Setting.AWS_PORT, "off");
        commandLine.put(Setting.HTTP_PORT, "off");
        assertThat(read().awsPort()).isEmpty();
    }

    private ServerConfig read() {
        return new ConfigReader(environment, folder).read(commandLine);
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("millstream.properties"), content);
    }
}
