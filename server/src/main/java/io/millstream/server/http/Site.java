package io.millstream.server.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millstream.api.Backend;
import io.millstream.engine.Backup;
import io.millstream.index.JobIndex;
import io.millstream.server.users.Roster;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/// What the pages are about.
///
/// @param version of the program
/// @param data the directory of the store
/// @param started when the process began to start
/// @param backend the store
/// @param backups begins a backup
/// @param roster the users, to be listed and changed
/// @param registry where everybody counts
/// @param phase where in its life the server is; asked for each page
/// @param doors the addresses of the open doors by name; asked for each page
/// @param index where jobs are searched, if there is one
public record Site(
        String version,
        Path data,
        Instant started,
        Backend backend,
        Supplier<CompletionStage<Backup>> backups,
        Roster roster,
        PrometheusMeterRegistry registry,
        Supplier<Phase> phase,
        Supplier<Map<String, String>> doors,
        Optional<JobIndex> index) {}
