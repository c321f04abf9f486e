package io.millstream.protocols.http;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Interest;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Take;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.access.Verb;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What each thing that is asked for takes. `docs/http.md` has the same as a table.
final class Rights {
    private Rights() {}

    /// What one operation takes.
    static List<Need> of(Operation operation) {
        return switch (operation) {
            case Operation.Define define -> of(define.definition());
            case Operation.Remove remove -> one(Verb.MANAGE, remove.name());
            case Operation.Put put -> one(Verb.WRITE, put.queue());
            case Operation.Append append -> one(Verb.WRITE, append.topic());
            case Operation.Publish publish -> one(Verb.WRITE, publish.exchange());
            case Operation.RemoveExchange remove -> one(Verb.MANAGE, remove.exchange());
            case Operation.Unbind unbind -> one(Verb.MANAGE, unbind.binding().exchange());
            case Operation.Settle settle -> one(Verb.READ, settle.handle().queue());
            case Operation.Extend extend -> one(Verb.READ, extend.handle().queue());
            case Operation.Check check -> one(Verb.READ, check.handle().queue());
            case Operation.CheckDefinition check -> List.of(Need.any(check.name()));
            case Operation.Edit.Purge purge -> one(Verb.MANAGE, purge.queue());
            case Operation.Edit.Drop drop -> one(Verb.MANAGE, drop.queue());
            case Operation.Edit.Replay replay -> one(Verb.MANAGE, replay.queue());
            case Operation.Edit.Move move -> of(move);
            case Operation.Write write -> table(Verb.WRITE, write.table());
            case Operation.MoveCursor move -> one(Verb.READ, move.topic());
        };
    }

    /// Back to where they died is anywhere.
    private static List<Need> of(Operation.Edit.Move move) {
        ChannelName to = move.to();
        return List.of(
                Need.of(Verb.MANAGE, move.from()),
                to == null ? Need.everywhere(Verb.MANAGE) : Need.of(Verb.WRITE, to));
    }

    /// Whoever has messages go somewhere else needs to be allowed to send them there.
    private static List<Need> of(Definition definition) {
        return switch (definition) {
            case Definition.Queue queue -> {
                List<Need> needs = new ArrayList<>(one(Verb.MANAGE, queue.name()));
                if (queue.deadLetter() != null) {
                    needs.add(Need.of(Verb.WRITE, queue.deadLetter()));
                }
                if (queue.lifecycle() != null) {
                    needs.add(Need.of(Verb.WRITE, queue.lifecycle()));
                }
                yield needs;
            }
            case Definition.Topic topic -> one(Verb.MANAGE, topic.name());
            case Definition.Exchange exchange -> {
                List<Need> needs = new ArrayList<>(one(Verb.MANAGE, exchange.name()));
                if (exchange.alternate() != null) {
                    needs.add(Need.of(Verb.WRITE, exchange.alternate()));
                }
                yield needs;
            }
            case Definition.Binding binding ->
                    List.of(
                            Need.of(Verb.MANAGE, binding.id().exchange()),
                            Need.of(Verb.MANAGE, binding.id().target().name()));
        };
    }

    /// What a look takes. One at a list takes nothing: it shows what its asker may do something
    /// with.
    static List<Need> of(Query<?> query) {
        return switch (query) {
            case Query.Queues _, Query.Topics _, Query.Exchanges _ -> List.of();
            case Query.QueueNamed named -> List.of(Need.any(named.name()));
            case Query.TopicNamed named -> List.of(Need.any(named.name()));
            case Query.ExchangeNamed named -> List.of(Need.any(named.name()));
            case Query.Cursors cursors -> one(Verb.READ, cursors.topic());
            case Query.Browse browse -> one(Verb.READ, browse.queue());
            case Query.Delayed delayed -> one(Verb.READ, delayed.queue());
            case Query.Rows rows -> table(Verb.READ, rows.table());
            case Query.Bindings bindings -> {
                List<Need> needs = new ArrayList<>();
                if (bindings.exchange() != null) {
                    needs.add(Need.any(bindings.exchange()));
                }
                if (bindings.target() != null) {
                    needs.add(Need.any(bindings.target().name()));
                }
                yield needs;
            }
            case Query.Route route -> one(Verb.MANAGE, route.exchange());
        };
    }

    /// What a take takes.
    static List<Need> of(Take take) {
        return one(Verb.READ, take.queue());
    }

    /// What consuming from a queue takes, or reading a topic.
    static List<Need> reading(ChannelName channel) {
        return one(Verb.READ, channel);
    }

    /// What a watch takes. One of definitions shows what its asker may do something with.
    static List<Need> of(Interest interest) {
        return switch (interest) {
            case Interest.Pressure _, Interest.Definitions _ -> List.of();
            case Interest.Rows rows -> table(Verb.READ, rows.table());
        };
    }

    private static List<Need> one(Verb verb, ChannelName channel) {
        return List.of(Need.of(verb, channel));
    }

    /// A table's name counts as a channel's. What can be no name is nobody's in particular.
    private static List<Need> table(Verb verb, String name) {
        if (Closed.isTable(name)) {
            throw Trouble.FORBIDDEN.with(Closed.tableIs(name));
        }
        boolean isName = !name.isEmpty() && name.length() <= ChannelName.NAME_CHARS_MAX;
        return isName ? one(verb, ChannelName.of(name)) : List.of(Need.everywhere(verb));
    }

    /// Refuses what its sender may not do, all of it if it is a part.
    ///
    /// @throws ProblemException that names the operation, the verb and the channel
    static void demandAll(List<Commit> commits, Principal who) {
        for (int i = 0; i < commits.size(); i++) {
            List<Operation> operations = commits.get(i).operations();
            for (int j = 0; j < operations.size(); j++) {
                demand(operations.get(j), "$[%d].operations[%d]".formatted(i, j), who);
            }
        }
    }

    /// What to answer to a commit that its sender may not do; null if it may.
    static Receipt.@Nullable Refused refusal(Commit commit, Principal who) {
        for (int i = 0; i < commit.operations().size(); i++) {
            try {
                demand(commit.operations().get(i), "$.operations[%d]".formatted(i), who);
            } catch (ProblemException forbidden) {
                return new Receipt.Refused(
                        Instant.now(), i, new Refusal.Invalid(forbidden.problem().detail()));
            }
        }
        return null;
    }

    private static void demand(Operation operation, String place, Principal who) {
        try {
            if (operation instanceof Operation.Define(Definition.Binding binding, var _)
                    && Closed.isSubscription(binding)) {
                throw Trouble.FORBIDDEN.with(Closed.SUBSCRIPTION);
            }
            demand(of(operation), who);
        } catch (ProblemException refused) {
            throw refused.trouble().at(place, refused.problem().detail());
        }
    }

    /// Refuses what its sender may not do.
    ///
    /// @throws ProblemException that names the verb and the channel
    static void demand(List<Need> needs, Principal who) {
        ProblemException missing = missing(needs, who);
        if (missing != null) {
            throw missing;
        }
    }

    /// That its sender may not do something, or null if it may do all of it.
    static @Nullable ProblemException missing(List<Need> needs, Principal who) {
        for (Need need : needs) {
            if (need.channel() != null && Closed.isChannel(need.channel())) {
                return Trouble.FORBIDDEN.with(Closed.hostIs(need.channel().host()));
            }
            if (!need.isMetBy(who)) {
                return Trouble.FORBIDDEN.with(
                        "The user %s may not: it takes %s. Nothing was done."
                                .formatted(who.name(), need.words()));
            }
        }
        return null;
    }
}
