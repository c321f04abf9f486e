package io.millstream.server.config;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Every setting there is. Help, parsing, the settings file and the documentation's table come from
/// this one list, so that a name cannot exist in one of them and be missing in another.
public enum Setting {
    DATA(
            "data",
            "DIR",
            "./millstream-data",
            "Directory that everything is kept in; created if it is not there."),
    CONFIG(
            "config",
            "FILE",
            "./millstream.properties",
            "Settings file. The default one need not exist."),
    BIND(
            "bind",
            "ADDR",
            "127.0.0.1",
            "Address to listen on. Any that other machines can reach needs users, or --insecure."),
    AWS_PORT("aws.port", "N", "9324", "Port of SQS: 1 to 65535, 0 for any free one, or off."),
    HTTP_PORT(
            "http.port",
            "N",
            "7171",
            "Port of status, metrics and the HTTP API: 1 to 65535, 0 for any free one, or off."),
    KAFKA_PORT("kafka.port", "N", "off", "Port of Kafka. Not built yet: only off."),
    AMQP_PORT("amqp.port", "N", "off", "Port of AMQP 0-9-1. Not built yet: only off."),
    TLS_CERTIFICATE(
            "tls.certificate",
            "FILE",
            null,
            "Certificate and its issuers' in PEM; with it all ports speak TLS and no plain HTTP."),
    TLS_KEY(
            "tls.key",
            "FILE",
            null,
            "The certificate's private key in PEM (PKCS#8), without a password."),
    READY_FILE(
            "ready-file",
            "FILE",
            null,
            "File to write when ready, with process id and ports as JSON; removed at a stop."),
    INDEX(
            "index",
            "DIR",
            "DATA/index",
            "Directory of the search index, in the data directory unless said, or off."),
    INDEX_DAYS("index.days", "N", "7", "How many days the index knows jobs that have ended."),
    INDEX_MB(
            "index.mb",
            "N",
            "2048",
            "How many MiB the index may have; then the oldest that have ended go."),
    INSECURE(
            "insecure",
            null,
            "false",
            "Let other machines in without users, and let them send passwords without TLS.");

    private static final String VARIABLE_PREFIX = "MILLSTREAM_";

    private final String key;
    private final @Nullable String value;
    private final @Nullable String standard;
    private final String meaning;

    Setting(String key, @Nullable String value, @Nullable String standard, String meaning) {
        this.key = key;
        this.value = value;
        this.standard = standard;
        this.meaning = meaning;
    }

    /// Its name in the settings file.
    public String key() {
        return key;
    }

    /// Its name on the command line.
    public String option() {
        return "--" + key;
    }

    /// Its name in the environment.
    public String variable() {
        return VARIABLE_PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /// What stands for its value in the help; empty for a switch, which has none.
    public Optional<String> value() {
        return Optional.ofNullable(value);
    }

    /// What holds if nobody says anything.
    public Optional<String> standard() {
        return Optional.ofNullable(standard);
    }

    /// What it does, in a sentence or two.
    public String meaning() {
        return meaning;
    }

    /// The setting with this name in the settings file.
    static Optional<Setting> named(String key) {
        return Arrays.stream(values()).filter(setting -> setting.key.equals(key)).findFirst();
    }

    /// The variables of all settings.
    static List<String> variables() {
        return Arrays.stream(values()).map(Setting::variable).toList();
    }
}
