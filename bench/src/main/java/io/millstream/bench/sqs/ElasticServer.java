package io.millstream.bench.sqs;

import io.millstream.bench.Arguments;

import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.elasticmq.RelaxedSQSLimits$;
import org.elasticmq.actor.QueueManagerActor;
import org.elasticmq.persistence.sql.SqlQueuePersistenceActor;
import org.elasticmq.persistence.sql.SqlQueuePersistenceConfig;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import org.elasticmq.rest.sqs.TheSQSRestServerBuilder;
import org.elasticmq.util.NowProvider;

import scala.Option;
import scala.collection.immutable.List$;

import java.util.concurrent.CountDownLatch;

/// ElasticMQ, in memory, or with its messages in an H2 database where a file for one is named.
public final class ElasticServer {
    private ElasticServer() {}

    /// Serves until the process is ended.
    public static void run(Arguments arguments) throws InterruptedException {
        TheSQSRestServerBuilder builder =
                SQSRestServerBuilder.withInterface("127.0.0.1")
                        .withPort(arguments.number("port", 9325))
                        .withSQSLimits(RelaxedSQSLimits$.MODULE$);
        String database = arguments.text("database", "");
        if (!database.isEmpty()) {
            builder = withDatabase(builder, database);
        }
        builder.start().waitUntilStarted();
        new CountDownLatch(1).await();
    }

    /// As ElasticMQ's own server does it: an actor that is told of every change before the sender
    /// is answered, and keeps it in the database.
    private static TheSQSRestServerBuilder withDatabase(
            TheSQSRestServerBuilder builder, String file) {
        SqlQueuePersistenceConfig config =
                new SqlQueuePersistenceConfig(
                        true, "org.h2.Driver", "jdbc:h2:file:" + file, "", "", true);
        ActorSystem system = ActorSystem.create("elasticmq");
        ActorRef store =
                system.actorOf(
                        Props.create(
                                SqlQueuePersistenceActor.class,
                                () -> new SqlQueuePersistenceActor(config, List$.MODULE$.empty())));
        ActorRef queues =
                system.actorOf(
                        Props.create(
                                QueueManagerActor.class,
                                () ->
                                        new QueueManagerActor(
                                                new NowProvider(),
                                                RelaxedSQSLimits$.MODULE$,
                                                Option.apply(store))));
        return builder.withActorSystem(system)
                .withQueueManagerActor(queues)
                .withQueueEventListener(store);
    }
}
