package io.millstream.protocols.aws.sns;

import io.millstream.api.ChannelName;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.protocols.aws.sqs.PageTokens;
import io.millstream.protocols.aws.sqs.Store;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletionStage;

/// Lists subscriptions, of one topic or of all that the caller may do anything with.
final class SubscriptionList {
    private final Store store;
    private final PageTokens tokens;
    private final Topics topics;

    SubscriptionList(Store store, PageTokens tokens, Topics topics) {
        this.store = store;
        this.tokens = tokens;
        this.topics = topics;
    }

    CompletionStage<Tree> all(Input input, Caller caller) {
        return list(ListPage.read(input, tokens, "ListSubscriptions"), null, caller);
    }

    CompletionStage<Tree> ofTopic(Input input, Caller caller) {
        ChannelName topic = Topics.seen(input, "TopicArn", caller);
        return topics.find(topic)
                .thenCompose(_ -> {
                    String list = "ListSubscriptionsByTopic " + topic;
                    return list(ListPage.read(input, tokens, list), topic, caller);
                });
    }

    private CompletionStage<Tree> list(ListPage asked, @Nullable ChannelName topic, Caller caller) {
        var query =
                new Query.Bindings(
                        ChannelName.DEFAULT_HOST, topic, null, asked.after(), ListPage.ITEMS);
        return store.find(query).thenApply(page -> told(page, asked, caller));
    }

    private static Tree told(Page<View.BindingView> page, ListPage asked, Caller caller) {
        Tree.Items subscriptions = Tree.Items.of("member");
        for (View.BindingView view : page.items()) {
            if (Subscription.is(view.definition())
                    && caller.principal().mayAnything(view.definition().name())) {
                var one = new Subscription(view.definition(), view.version());
                if (one.state() != Subscription.State.DELETED) {
                    subscriptions.items().add(one.fields(caller));
                }
            }
        }
        return Tree.Fields.empty()
                .with("Subscriptions", Tree.Fields.empty().with("member", subscriptions))
                .with("NextToken", asked.token(page.next()));
    }
}
