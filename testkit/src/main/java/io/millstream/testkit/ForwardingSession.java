package io.millstream.testkit;

import io.millstream.api.ChangeSink;
import io.millstream.api.Commit;
import io.millstream.api.Credit;
import io.millstream.api.DeliverySink;
import io.millstream.api.From;
import io.millstream.api.Interest;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.TopicReader;
import io.millstream.api.Watch;

import java.util.List;
import java.util.concurrent.CompletionStage;

/// Another session, for those that do some of it otherwise.
public abstract class ForwardingSession implements Session {
    /// The other one.
    protected final Session session;

    /// @param session does all that is not done otherwise
    protected ForwardingSession(Session session) {
        this.session = session;
    }

    @Override
    public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
        return session.commit(commits);
    }

    @Override
    public Pending<Taken> take(Take take) {
        return session.take(take);
    }

    @Override
    public Credit credit(int messages, long bytes) {
        return session.credit(messages, bytes);
    }

    @Override
    public Subscription consume(Subscribe what, DeliverySink sink) {
        return session.consume(what, sink);
    }

    @Override
    public TopicReader read(From from) {
        return session.read(from);
    }

    @Override
    public Watch watch(Interest what, ChangeSink sink) {
        return session.watch(what, sink);
    }

    @Override
    public void close() {
        session.close();
    }
}
