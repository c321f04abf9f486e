package io.millstream.protocols.aws.sns;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A topic's access policy in AWS's language. It is kept and told as AWS does; who may do what is
/// said by the grants of users.
///
/// @param document the whole of it
/// @param statements of it
record TopicPolicy(ObjectNode document, List<JsonNode> statements) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String STATEMENT = "Statement";
    private static final String SID = "Sid";
    private static final int BYTES_MAX = 30_720;
    private static final int STATEMENTS_MAX = 100;

    /// Reads an attribute's text; an empty one says nothing.
    ///
    /// @throws IllegalArgumentException if it is no policy; the message says why
    static TopicPolicy read(String json) {
        if (json.isEmpty()) {
            return new TopicPolicy(JSON.createObjectNode(), List.of());
        }
        if (json.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX) {
            throw new IllegalArgumentException("It has at most " + BYTES_MAX + " bytes.");
        }
        JsonNode read;
        try {
            read = JSON.readTree(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("It must be a policy in JSON.", e);
        }
        List<JsonNode> statements = new ArrayList<>();
        if (read.path(STATEMENT) instanceof ArrayNode several) {
            several.forEach(statements::add);
        } else if (read.path(STATEMENT) instanceof ObjectNode one) {
            statements.add(one);
        }
        if (!(read instanceof ObjectNode document)
                || statements.isEmpty()
                || statements.size() > STATEMENTS_MAX) {
            throw new IllegalArgumentException(
                    "It must be a JSON object with 1 to " + STATEMENTS_MAX + " Statements.");
        }
        statements.forEach(TopicPolicy::check);
        return new TopicPolicy(document, statements);
    }

    private static void check(JsonNode statement) {
        String effect = statement.path("Effect").asString("");
        if (!effect.equals("Allow") && !effect.equals("Deny")) {
            throw new IllegalArgumentException("Each statement has the Effect Allow or Deny.");
        }
        if (!statement.has("Action") && !statement.has("NotAction")) {
            throw new IllegalArgumentException("Each statement has an Action.");
        }
        if (!statement.has("Principal") && !statement.has("NotPrincipal")) {
            throw new IllegalArgumentException("Each statement has a Principal.");
        }
    }

    /// Whether there is a statement of this label.
    boolean has(String label) {
        return statements.stream().anyMatch(one -> one.path(SID).asString("").equals(label));
    }

    /// The text of this policy and one more statement.
    String with(String label, List<String> accounts, List<String> actions, String arn) {
        ObjectNode statement = JSON.createObjectNode().put(SID, label).put("Effect", "Allow");
        put(
                statement.putObject("Principal"),
                "AWS",
                accounts.stream().map(account -> "arn:aws:iam::" + account + ":root").toList());
        put(statement, "Action", actions.stream().map(action -> "SNS:" + action).toList());
        statement.put("Resource", arn);
        List<JsonNode> all = new ArrayList<>(statements);
        all.add(statement);
        return text(all);
    }

    /// AWS writes one value without a list.
    private static void put(ObjectNode into, String name, List<String> values) {
        if (values.size() == 1) {
            into.put(name, values.getFirst());
        } else {
            values.forEach(into.putArray(name)::add);
        }
    }

    /// The text of this policy without the statements of this label, or null if there is none.
    @Nullable String without(String label) {
        List<JsonNode> left =
                statements.stream()
                        .filter(one -> !one.path(SID).asString("").equals(label))
                        .toList();
        if (left.size() == statements.size()) {
            return null;
        }
        return left.isEmpty() ? "" : text(left);
    }

    private String text(List<JsonNode> all) {
        ObjectNode changed = document.deepCopy();
        if (document.isEmpty()) {
            changed.put("Version", "2008-10-17").put("Id", "__default_policy_ID");
        }
        all.forEach(changed.putArray(STATEMENT)::add);
        return JSON.writeValueAsString(changed);
    }

    /// What AWS shows of a topic whose policy nobody has set: its owner may do everything.
    static String usual(String account, String arn) {
        ObjectNode policy = JSON.createObjectNode();
        policy.put("Version", "2008-10-17").put("Id", "__default_policy_ID");
        ObjectNode statement = policy.putArray(STATEMENT).addObject();
        statement.put(SID, "__default_statement_ID").put("Effect", "Allow");
        statement.putObject("Principal").put("AWS", "*");
        ArrayNode actions = statement.putArray("Action");
        List.of(
                        "GetTopicAttributes",
                        "SetTopicAttributes",
                        "AddPermission",
                        "RemovePermission",
                        "DeleteTopic",
                        "Subscribe",
                        "ListSubscriptionsByTopic",
                        "Publish")
                .forEach(action -> actions.add("SNS:" + action));
        statement.put("Resource", arn);
        statement.putObject("Condition").putObject("StringEquals").put("AWS:SourceOwner", account);
        return JSON.writeValueAsString(policy);
    }
}
