package io.millstream.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millstream.api.Capabilities;
import io.millstream.api.Change;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Fetched;
import io.millstream.api.Found;
import io.millstream.api.From;
import io.millstream.api.Interest;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.View;

import java.io.ByteArrayOutputStream;
import java.util.List;

/// The forms of all that is said over the seam, and of what HTTP adds to it.
public final class Forms {
    /// A message.
    public static final Form<Message> MESSAGE = new Form<>(MessageForm.KIND);

    /// What a channel or a route is declared to be.
    public static final Form<Definition> DEFINITION = new Form<>(DefinitionForm.KIND);

    /// One step of a commit.
    public static final Form<Operation> OPERATION = new Form<>(OperationForm.KIND);

    /// A commit.
    public static final Form<Commit> COMMIT = new Form<>(CommitForm.KIND);

    /// The answer to a commit.
    public static final Form<Receipt> RECEIPT = new Form<>(ReceiptForm.KIND);

    /// Why something was not done.
    public static final Form<Refusal> REFUSAL = new Form<>(RefusalForm.KIND);

    /// A one-shot request for messages.
    public static final Form<Take> TAKE = new Form<>(TakeForm.TAKE);

    /// The answer to a take.
    public static final Form<Taken> TAKEN = new Form<>(TakeForm.TAKEN);

    /// One delivery of one message.
    public static final Form<Lease> LEASE = new Form<>(LeaseForm.KIND);

    /// What a consumer asks for.
    public static final Form<Consume> CONSUME = new Form<>(Consume.KIND);

    /// A look.
    public static final Form<Query<?>> QUERY = new Form<>(QueryForm.KIND);

    /// Something seen.
    public static final Form<View> VIEW = new Form<>(ViewForm.KIND);

    /// What a watch is about.
    public static final Form<Interest> INTEREST = new Form<>(WatchForm.INTEREST);

    /// What a watch is told.
    public static final Form<Change> CHANGE = new Form<>(WatchForm.CHANGE);

    /// Where a reader of a topic starts.
    public static final Form<From> FROM = new Form<>(TopicForm.FROM);

    /// What a reader of a topic gets.
    public static final Form<Fetched> FETCHED = new Form<>(TopicForm.FETCHED);

    /// What a backend can do.
    public static final Form<Capabilities> CAPABILITIES = new Form<>(CapabilitiesForm.KIND);

    /// What a session is.
    public static final Form<SessionSpec> SESSION = new Form<>(SessionForm.KIND);

    /// A session that was opened.
    public static final Form<Opened> OPENED = new Form<>(Opened.KIND);

    /// Why a request over HTTP was not done.
    public static final Form<Problem> PROBLEM = new Form<>(Problem.KIND);

    /// What a client says over a socket.
    public static final Form<Ask> ASK = new Form<>(AskForm.KIND);

    /// What a server says over a socket.
    public static final Form<Told> TOLD = new Form<>(ToldForm.KIND);

    private static final byte[] NOTHING = {};
    private static final byte[] COMMA = {','};

    private Forms() {}

    /// [Ask.Commits] with commits that are written already, each by [#COMMIT], so that those of
    /// many callers can be sent as one.
    ///
    /// @param commits each in its form
    public static byte[] commits(long id, long session, List<byte[]> commits) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String head =
                new String(ASK.write(new Ask.Commits(id, session, List.of(), List.of())), UTF_8);
        String start = head.substring(0, head.length() - "]}".length());
        bytes.writeBytes(start.getBytes(UTF_8));
        for (int i = 0; i < commits.size(); i++) {
            bytes.writeBytes(i == 0 ? NOTHING : COMMA);
            bytes.writeBytes(commits.get(i));
        }
        bytes.writeBytes("]}".getBytes(UTF_8));
        return bytes.toByteArray();
    }

    /// The number under which something was asked that [#ASK] cannot read; -1 if there is none to
    /// be read either.
    public static long idIn(byte[] ask, Bounds bounds) {
        return AskForm.idIn(ask, bounds);
    }

    /// The answer to a query: views of other types than it asks for are refused.
    public static <V extends View> Form<Found<V>> found(Query<V> query) {
        @SuppressWarnings("unchecked") // What FoundForm says of each query, its declaration says.
        Class<V> type = (Class<V>) FoundForm.seenBy(query);
        return new Form<>(FoundForm.of(type));
    }
}
