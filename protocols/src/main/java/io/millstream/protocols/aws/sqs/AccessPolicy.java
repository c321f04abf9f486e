package io.millstream.protocols.aws.sqs;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The access policy of a queue or a topic in AWS's language. It is kept and told as AWS does; who
/// may do what is said by the grants of users.
///
/// @param kind what it is a policy of
/// @param statements of the policy
/// @param document the whole of it
public record AccessPolicy(Kind kind, List<JsonNode> statements, ObjectNode document) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String STATEMENT = "Statement";
    private static final String SID = "Sid";

    /// What has a policy.
    public enum Kind {
        /// A queue of SQS.
        QUEUE("SQS", 8_192, 20),
        /// A topic of SNS.
        TOPIC("SNS", 30_720, 100);

        private final String service;
        private final int bytesMax;
        private final int statementsMax;

        Kind(String service, int bytesMax, int statementsMax) {
            this.service = service;
            this.bytesMax = bytesMax;
            this.statementsMax = statementsMax;
        }
    }

    /// Reads an attribute's JSON text; an empty text is a policy that says nothing.
    ///
    /// @throws IllegalArgumentException if it is no policy; the message says why
    public static AccessPolicy read(Kind kind, String json) {
        if (json.isEmpty()) {
            return new AccessPolicy(kind, List.of(), JSON.createObjectNode());
        }
        if (json.getBytes(StandardCharsets.UTF_8).length > kind.bytesMax) {
            throw new IllegalArgumentException("It must have at most " + kind.bytesMax + " bytes.");
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
        } else {
            throw new IllegalArgumentException("It must be a JSON object with a Statement.");
        }
        if (statements.isEmpty() || statements.size() > kind.statementsMax) {
            throw new IllegalArgumentException(
                    "It must have 1 to " + kind.statementsMax + " statements.");
        }
        statements.forEach(AccessPolicy::check);
        return new AccessPolicy(kind, statements, read.asObject());
    }

    private static void check(JsonNode statement) {
        String effect = statement.path("Effect").asString("");
        if (!effect.equals("Allow") && !effect.equals("Deny")) {
            throw new IllegalArgumentException(
                    "Each statement must have the Effect Allow or Deny.");
        }
        if (!statement.has("Action") && !statement.has("NotAction")) {
            throw new IllegalArgumentException("Each statement must have an Action.");
        }
        if (!statement.has("Principal") && !statement.has("NotPrincipal")) {
            throw new IllegalArgumentException("Each statement must have a Principal.");
        }
    }

    /// Whether there is a statement of this label.
    public boolean has(String label) {
        return statements.stream()
                .anyMatch(statement -> statement.path(SID).asString("").equals(label));
    }

    /// The text of this policy and one more statement.
    ///
    /// @throws IllegalArgumentException if there is no room for it; the message says why
    public String with(String label, List<String> accounts, List<String> actions, String arn) {
        ObjectNode statement = JSON.createObjectNode().put(SID, label).put("Effect", "Allow");
        List<String> principals =
                accounts.stream().map(account -> "arn:aws:iam::" + account + ":root").toList();
        put(statement.putObject("Principal"), "AWS", principals);
        put(
                statement,
                "Action",
                actions.stream().map(action -> kind.service + ':' + action).toList());
        statement.put("Resource", arn);
        List<JsonNode> all = new ArrayList<>(statements);
        all.add(statement);
        ObjectNode begun = document.deepCopy();
        if (document.isEmpty()) {
            begun.put("Version", "2008-10-17").put("Id", id(arn));
        }
        String text = text(begun, all);
        read(kind, text);
        return text;
    }

    private String id(String arn) {
        return switch (kind) {
            case QUEUE -> arn + "/SQSDefaultPolicy";
            case TOPIC -> "__default_policy_ID";
        };
    }

    /// AWS writes one value without a list.
    private static void put(ObjectNode into, String name, List<String> values) {
        if (values.size() == 1) {
            into.put(name, values.getFirst());
        } else {
            values.forEach(into.putArray(name)::add);
        }
    }

    /// The text of this policy without the statements of this label, empty if there are no others.
    public String without(String label) {
        List<JsonNode> left =
                statements.stream()
                        .filter(statement -> !statement.path(SID).asString("").equals(label))
                        .toList();
        return left.isEmpty() ? "" : text(document.deepCopy(), left);
    }

    private static String text(ObjectNode changed, List<JsonNode> all) {
        all.forEach(changed.putArray(STATEMENT)::add);
        return JSON.writeValueAsString(changed);
    }

    /// What AWS shows of a topic whose policy nobody has set: its owner may do everything.
    public static String usual(String arn) {
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
        statement
                .putObject("Condition")
                .putObject("StringEquals")
                .put("AWS:SourceOwner", QueueAddress.ACCOUNT);
        return JSON.writeValueAsString(policy);
    }
}
