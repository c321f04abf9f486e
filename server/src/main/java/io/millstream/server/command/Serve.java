package io.millstream.server.command;

import io.millstream.server.broker.Broker;
import io.millstream.server.broker.Ending;
import io.millstream.server.config.ConfigReader;
import io.millstream.server.config.ServerConfig;
import io.millstream.server.config.Setting;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Map;

/// Runs a server from its start to its end.
final class Serve {
    private static final Logger LOG = LoggerFactory.getLogger(Serve.class);

    private final Surroundings surroundings;

    Serve(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    int run(Map<Setting, String> commandLine) {
        ConfigReader reader =
                new ConfigReader(surroundings.environment(), surroundings.workingDirectory());
        ServerConfig config = reader.read(commandLine);
        reader.suspicions().forEach(LOG::warn);
        Broker broker = new Broker(config, surroundings.version(), surroundings.opener());
        surroundings.onStopSignal().accept(() -> stop(broker));
        broker.start();
        surroundings.out().println(broker.readyLine());
        surroundings.out().flush();
        int status = status(broker);
        broker.close();
        return status;
    }

    /// On the thread of the signal, while another one awaits the same end.
    private static int stop(Broker broker) {
        broker.close();
        return status(broker);
    }

    private static int status(Broker broker) {
        return switch (broker.awaitEnd()) {
            case Ending.Stopped() -> ExitStatus.DONE;
            case Ending.Failed(_) -> ExitStatus.FAILED;
        };
    }
}
