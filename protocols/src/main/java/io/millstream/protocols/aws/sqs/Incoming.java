package io.millstream.protocols.aws.sqs;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Lease;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Tree;

import java.util.ArrayList;
import java.util.List;

/// A message as a receiver sees it, whoever sent it.
///
/// @param lease the delivery
/// @param tools digests and handles
record Incoming(Lease lease, Tools tools) {

    Tree.Fields tree(ReceiveMessage.Shown shown, Caller caller) {
        String text = SqsText.cleaned(lease.message().text());
        String wrapped = Notification.of(lease.message(), text);
        String body = wrapped == null ? text : wrapped;
        Tree.Fields message =
                Tree.Fields.empty()
                        .with("MessageId", id())
                        .with("ReceiptHandle", tools.handles().write(lease.handle()))
                        .with(
                                "MD5OfBody",
                                tools.digests()
                                        .ofBody(
                                                wrapped == null
                                                        ? shownBytes(body)
                                                        : Bytes.utf8(body)))
                        .with("Body", body);
        addSystem(message, shown, caller);
        if (wrapped == null) {
            addAttributes(message, shown.attributes());
        }
        return message;
    }

    /// Digests are over what the receiver gets, which it checks. That is what is stored, of which
    /// no copy need be made, unless something had to be replaced.
    private Bytes shownBytes(String body) {
        return body.indexOf(SqsText.REPLACEMENT) < 0 ? lease.message().body() : Bytes.utf8(body);
    }

    /// The sender's id, or one that stays the same for this message.
    private String id() {
        String id = lease.message().id();
        if (id != null && !id.isEmpty()) {
            return SqsText.cleaned(id);
        }
        return SentIds.ofPlace(lease.handle().incarnation(), lease.handle().sequence());
    }

    private void addSystem(Tree.Fields message, ReceiveMessage.Shown shown, Caller caller) {
        Tree.Table attributes = Tree.Table.of("Attribute");
        for (SystemAttribute name : shown.system()) {
            String value = name.value(lease, caller);
            if (value != null) {
                attributes.rows().put(name.title(), new Tree.Text(value));
            }
        }
        if (!attributes.rows().isEmpty()) {
            message.with("Attributes", attributes);
        }
    }

    private void addAttributes(Tree.Fields message, NameFilter wanted) {
        if (wanted.isEmpty() || lease.message().headers().isEmpty()) {
            return;
        }
        Tree.Table attributes = Tree.Table.of("MessageAttribute");
        List<MessageAttribute> digested = new ArrayList<>();
        for (Header header : lease.message().headers()) {
            if (wanted.matches(header.name()) && !SystemAttribute.isSystem(header)) {
                MessageAttribute attribute = MessageAttribute.of(header);
                if (attributes.rows().putIfAbsent(attribute.name(), attribute.tree()) == null) {
                    digested.add(attribute);
                }
            }
        }
        if (!digested.isEmpty()) {
            message.with("MessageAttributes", attributes)
                    .with("MD5OfMessageAttributes", tools.digests().ofAttributes(digested));
        }
    }
}
