package io.millstream.wire;

import static io.millstream.wire.Kinds.COUNT;
import static io.millstream.wire.Kinds.MILLIS;

import io.millstream.api.Commit;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What clients say over a socket. Numbers of sessions are left out where they are 0.
final class AskForm {
    static final Kind<Ask> KIND =
            Kind.object(
                    "something to ask for, such as {\"ask\":\"take\",\"id\":1,"
                            + "\"take\":{\"queue\":\"mail\"}}",
                    AskForm::write,
                    AskForm::read);

    private static final String ASK = "ask";
    private static final String ID = "id";
    private static final String SESSION = "session";
    private static final Kind<Tag> TAG = Kinds.word(Tag.class);
    private static final Kind<List<Read>> COMMITS = Kinds.list(one());
    private static final Kind<Integer> MESSAGES = Kinds.small(1, Integer.MAX_VALUE);
    private static final Kind<Long> BYTES = Kinds.whole(1, Long.MAX_VALUE);

    private enum Tag {
        OPEN,
        CLOSE,
        COMMITS,
        TAKE,
        CONSUME,
        RESIZE,
        WATCH,
        READ,
        NEXT,
        FIND,
        END
    }

    private AskForm() {}

    private static void write(Out out, Ask ask) {
        switch (ask) {
            case Ask.Open open ->
                    inSession(begin(out, Tag.OPEN), open.session())
                            .put("spec", SessionForm.KIND, open.spec());
            case Ask.Close close -> inSession(begin(out, Tag.CLOSE), close.session());
            case Ask.Commits commits ->
                    inSession(begin(out, Tag.COMMITS, commits.id()), commits.session())
                            .put(
                                    "commits",
                                    COMMITS,
                                    commits.commits().stream()
                                            .map(commit -> new Read(commit, ""))
                                            .toList());
            case Ask.Take take ->
                    inSession(begin(out, Tag.TAKE, take.id()), take.session())
                            .put("take", TakeForm.TAKE, take.take());
            case Ask.Subscribe subscribe ->
                    inSession(begin(out, Tag.CONSUME, subscribe.id()), subscribe.session())
                            .put("consume", Consume.KIND, subscribe.consume());
            case Ask.Resize resize ->
                    inSession(begin(out, Tag.RESIZE), resize.session())
                            .put("window", Consume.Window.KIND, resize.window());
            case Ask.Watch watch ->
                    inSession(begin(out, Tag.WATCH, watch.id()), watch.session())
                            .put("interest", WatchForm.INTEREST, watch.interest());
            case Ask.Read read ->
                    inSession(begin(out, Tag.READ, read.id()), read.session())
                            .put("from", TopicForm.FROM, read.from());
            case Ask.Next next ->
                    begin(out, Tag.NEXT, next.id())
                            .put("reader", COUNT, next.reader())
                            .or("messages", MESSAGES, next.messages(), 1)
                            .or("bytes", BYTES, next.bytes(), Long.MAX_VALUE)
                            .or("max_wait_ms", MILLIS, next.maxWait(), Duration.ZERO);
            case Ask.Find find ->
                    begin(out, Tag.FIND, find.id()).put("query", QueryForm.KIND, find.query());
            case Ask.End end -> begin(out, Tag.END, end.id());
        }
    }

    private static Out begin(Out out, Tag tag) {
        return out.put(ASK, TAG, tag);
    }

    private static Out begin(Out out, Tag tag, long id) {
        return begin(out, tag).put(ID, COUNT, id);
    }

    private static Out inSession(Out out, long session) {
        return out.or(SESSION, COUNT, session, 0L);
    }

    private static Ask read(In in) {
        return switch (in.get(ASK, TAG)) {
            case OPEN -> new Ask.Open(session(in), in.get("spec", SessionForm.KIND));
            case CLOSE -> new Ask.Close(session(in));
            case COMMITS -> commits(id(in), session(in), in.get("commits", COMMITS));
            case TAKE -> new Ask.Take(id(in), session(in), in.get("take", TakeForm.TAKE));
            case CONSUME -> new Ask.Subscribe(id(in), session(in), in.get("consume", Consume.KIND));
            case RESIZE -> new Ask.Resize(session(in), in.get("window", Consume.Window.KIND));
            case WATCH ->
                    new Ask.Watch(id(in), session(in), in.get("interest", WatchForm.INTEREST));
            case READ -> new Ask.Read(id(in), session(in), in.get("from", TopicForm.FROM));
            case NEXT ->
                    new Ask.Next(
                            id(in),
                            in.get("reader", COUNT),
                            in.or("messages", MESSAGES, 1),
                            in.or("bytes", BYTES, Long.MAX_VALUE),
                            in.or("max_wait_ms", MILLIS, Duration.ZERO));
            case FIND -> new Ask.Find(id(in), in.get("query", QueryForm.KIND));
            case END -> new Ask.End(id(in));
        };
    }

    /// One commit, or what is wrong with it.
    private record Read(@Nullable Commit commit, String flaw) {}

    private static Kind<Read> one() {
        return new Kind<>(
                CommitForm.KIND.right(),
                (json, read) -> CommitForm.KIND.write(json, Objects.requireNonNull(read.commit())),
                (place, raw) -> {
                    try {
                        return new Read(CommitForm.KIND.read(place, raw), "");
                    } catch (MalformedException flaw) {
                        return new Read(null, String.valueOf(flaw.getMessage()));
                    }
                });
    }

    private static Ask.Commits commits(long id, long session, List<Read> all) {
        List<Commit> commits = new ArrayList<>(all.size());
        List<Ask.Flaw> flaws = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            Commit commit = all.get(i).commit();
            if (commit == null) {
                flaws.add(new Ask.Flaw(i, all.get(i).flaw()));
            } else {
                commits.add(commit);
            }
        }
        return new Ask.Commits(id, session, commits, flaws);
    }

    /// The number under which something was asked that cannot be read as a whole; -1 if that cannot
    /// be read either.
    static long idIn(byte[] json, Bounds bounds) {
        try {
            return Tree.read(json, bounds) instanceof Map<?, ?> map
                            && map.get(ID) instanceof Long id
                            && id >= 0
                    ? id
                    : -1;
        } catch (MalformedException unreadable) {
            return -1;
        }
    }

    private static long id(In in) {
        return in.get(ID, COUNT);
    }

    private static long session(In in) {
        return in.or(SESSION, COUNT, 0L);
    }
}
