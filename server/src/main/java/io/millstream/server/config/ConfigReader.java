package io.millstream.server.config;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Makes one configuration of all that was given. The command line wins over the environment, the
/// environment over the settings file, and that over the defaults.
public final class ConfigReader {
    private static final String STANDARD_FILE = "millstream.properties";
    private static final int PORT_MAX = 65_535;
    private static final int DAYS_MAX = 36_500;

    // The launcher's and the client's, not the server's.
    private static final List<String> OTHER_VARIABLES =
            List.of(
                    "MILLSTREAM_JAVA",
                    "MILLSTREAM_JAVA_OPTS",
                    "MILLSTREAM_USER",
                    "MILLSTREAM_PASSWORD");

    private final Map<String, String> environment;
    private final Path workingDirectory;
    private final Map<Setting, Given> given = new EnumMap<>(Setting.class);

    /// Reads from this environment; relative paths, wherever they are written, start at
    /// `workingDirectory`.
    public ConfigReader(Map<String, String> environment, Path workingDirectory) {
        this.environment = environment;
        this.workingDirectory = workingDirectory;
    }

    /// The configuration that results with these options on the command line.
    ///
    /// @throws ConfigException if there is none, saying what to correct
    public ServerConfig read(Map<Setting, String> commandLine) {
        given.clear();
        for (Setting setting : Setting.values()) {
            take(setting, setting.option(), commandLine.get(setting));
            take(setting, setting.variable(), environment.get(setting.variable()));
        }
        settingsFile().ifPresent(file -> SettingsFile.read(file).forEach(given::putIfAbsent));
        refuseUnbuilt(Setting.KAFKA_PORT, "Kafka");
        refuseUnbuilt(Setting.AMQP_PORT, "AMQP");
        Path data = path(Setting.DATA).orElseThrow();
        return new ServerConfig(
                data,
                address(),
                port(Setting.AWS_PORT),
                port(Setting.HTTP_PORT),
                tls(),
                readyFile(),
                index(data),
                truth(Setting.INSECURE));
    }

    /// Variables that look like a misspelt setting, in words. They are not refused: an environment
    /// may hold names of this form for other reasons, such as a Kubernetes service called
    /// millstream.
    public List<String> suspicions() {
        List<String> suspicions = new ArrayList<>();
        for (String name : environment.keySet()) {
            if (name.startsWith("MILLSTREAM_")
                    && !Setting.variables().contains(name)
                    && !OTHER_VARIABLES.contains(name)) {
                Nearest.to(name.substring("MILLSTREAM_".length()), shortVariables())
                        .ifPresent(near ->
                                suspicions.add(
                                        "The variable "
                                                + name
                                                + " is not a setting and is ignored. Did you"
                                                + " mean MILLSTREAM_"
                                                + near
                                                + "?"));
            }
        }
        return suspicions;
    }

    private static List<String> shortVariables() {
        return Setting.variables().stream()
                .map(variable -> variable.substring("MILLSTREAM_".length()))
                .toList();
    }

    private void take(Setting setting, String where, @Nullable String value) {
        if (value == null) {
            return;
        }
        if (value.isBlank()) {
            throw new ConfigException(
                    where + " has no value. Give it one, or leave it out for the default.");
        }
        given.putIfAbsent(setting, new Given(value.strip(), where));
    }

    private Optional<Path> settingsFile() {
        Optional<Path> named = path(Setting.CONFIG);
        Path standard = workingDirectory.resolve(STANDARD_FILE);
        return named.isPresent() || !Files.exists(standard) ? named : Optional.of(standard);
    }

    private void refuseUnbuilt(Setting setting, String name) {
        Given port = given.get(setting);
        if (port != null && !port.value().equals("off")) {
            throw new ConfigException(
                    port.where()
                            + " is "
                            + port.value()
                            + ", but the "
                            + name
                            + " door is not built yet; leave "
                            + setting.option()
                            + " off.");
        }
    }

    private Optional<Path> path(Setting setting) {
        Given path = given.get(setting);
        if (path == null) {
            // The default of the settings file is words, not a path.
            return setting == Setting.CONFIG
                    ? Optional.empty()
                    : setting.standard().map(this::absolute);
        }
        if (path.value().startsWith("~")) {
            throw new ConfigException(
                    path.where()
                            + " is "
                            + path.value()
                            + ", in which no shell has replaced the ~. Write the directory"
                            + " itself.");
        }
        try {
            return Optional.of(absolute(path.value()));
        } catch (InvalidPathException e) {
            throw new ConfigException(
                    path.where() + " is not a path (" + e.getReason() + "). Correct it.");
        }
    }

    private Path absolute(String path) {
        return workingDirectory.resolve(path).toAbsolutePath().normalize();
    }

    private Optional<Path> readyFile() {
        Optional<Path> file = path(Setting.READY_FILE);
        if (file.isPresent() && Files.isDirectory(file.get())) {
            throw new ConfigException(
                    "The ready file " + file.get() + " is a directory. Name a file in it.");
        }
        Path parent = file.map(Path::getParent).orElse(null);
        if (parent != null && !Files.isDirectory(parent)) {
            throw new ConfigException(
                    "The ready file "
                            + file.get()
                            + " cannot be written: there is no directory "
                            + parent
                            + ". Create it, or name another with --ready-file=FILE.");
        }
        return file;
    }

    private InetAddress address() {
        Given bind = orStandard(Setting.BIND);
        try {
            return InetAddress.getByName(bind.value());
        } catch (UnknownHostException e) {
            throw new ConfigException(
                    bind.where()
                            + " is "
                            + bind.value()
                            + ", which is neither an address nor a name of this machine. Use"
                            + " 127.0.0.1, or an address that this machine has.");
        }
    }

    private OptionalInt port(Setting setting) {
        Given port = orStandard(setting);
        if (port.value().equals("off")) {
            return OptionalInt.empty();
        }
        // Five digits always fit.
        if (port.value().matches("[0-9]{1,5}") && Integer.parseInt(port.value()) <= PORT_MAX) {
            return OptionalInt.of(Integer.parseInt(port.value()));
        }
        throw new ConfigException(
                port.where()
                        + " is "
                        + port.value()
                        + ". A port is a number from 1 to 65535, 0 for any free one, or off.");
    }

    private Optional<ServerConfig.TlsFiles> tls() {
        Optional<Path> certificate = path(Setting.TLS_CERTIFICATE);
        Optional<Path> key = path(Setting.TLS_KEY);
        if (certificate.isPresent() != key.isPresent()) {
            Setting there = key.isPresent() ? Setting.TLS_KEY : Setting.TLS_CERTIFICATE;
            Setting missing = key.isPresent() ? Setting.TLS_CERTIFICATE : Setting.TLS_KEY;
            throw new ConfigException(
                    orStandard(there).where()
                            + " is given without "
                            + missing.key()
                            + ". TLS needs both; add "
                            + missing.option()
                            + "=FILE.");
        }
        return certificate.map(file -> new ServerConfig.TlsFiles(file, key.orElseThrow()));
    }

    private Optional<ServerConfig.IndexFiles> index(Path data) {
        int days = number(Setting.INDEX_DAYS, DAYS_MAX);
        int megabytes = number(Setting.INDEX_MB, Integer.MAX_VALUE);
        Given named = given.get(Setting.INDEX);
        if (named != null && named.value().equals("off")) {
            return Optional.empty();
        }
        Path directory = named == null ? data.resolve("index") : path(Setting.INDEX).orElseThrow();
        return Optional.of(new ServerConfig.IndexFiles(directory, days, megabytes));
    }

    private int number(Setting setting, int most) {
        Given number = orStandard(setting);
        // Nine digits always fit.
        if (number.value().matches("[0-9]{1,9}")) {
            int value = Integer.parseInt(number.value());
            if (value >= 1 && value <= most) {
                return value;
            }
        }
        throw new ConfigException(
                number.where()
                        + " is "
                        + number.value()
                        + ". Give a whole number from 1 to "
                        + Math.min(most, 999_999_999)
                        + ".");
    }

    private boolean truth(Setting setting) {
        Given truth = orStandard(setting);
        return switch (truth.value()) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new ConfigException(
                            truth.where() + " is " + truth.value() + ". Say true or false.");
        };
    }

    private Given orStandard(Setting setting) {
        return Optional.ofNullable(given.get(setting))
                .orElseGet(() -> new Given(setting.standard().orElseThrow(), setting.option()));
    }

    /// The options there are.
    public static List<String> options() {
        return Arrays.stream(Setting.values()).map(Setting::option).toList();
    }
}
