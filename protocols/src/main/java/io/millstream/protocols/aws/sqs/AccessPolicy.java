package io.millstream.protocols.aws.sqs;

import io.millstream.api.Definition;
import io.millstream.protocols.aws.wire.FaultException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A queue's access policy in AWS's language. It is kept and told as AWS does; who may do what is
/// said by the grants of users.
///
/// @param statements of the policy
/// @param document the whole of it
record AccessPolicy(List<JsonNode> statements, ObjectNode document) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String STATEMENT = "Statement";
    private static final String SID = "Sid";
    private static final int BYTES_MAX = 8_192;
    private static final int STATEMENTS_MAX = 20;

    /// Reads the attribute's JSON text; an empty text is a policy that says nothing.
    static AccessPolicy read(String json) {
        if (json.isEmpty()) {
            return new AccessPolicy(List.of(), JSON.createObjectNode());
        }
        if (json.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX) {
            throw invalid("It must have at most " + BYTES_MAX + " bytes.");
        }
        JsonNode read;
        try {
            read = JSON.readTree(json);
        } catch (JacksonException _) {
            throw invalid("It must be a policy in JSON.");
        }
        if (!(read instanceof ObjectNode document)) {
            throw invalid("It must be a JSON object with a Statement.");
        }
        List<JsonNode> statements = new ArrayList<>();
        switch (document.get(STATEMENT)) {
            case ArrayNode several -> several.forEach(statements::add);
            case ObjectNode one -> statements.add(one);
            case null, default -> throw invalid("It must be a JSON object with a Statement.");
        }
        if (statements.isEmpty() || statements.size() > STATEMENTS_MAX) {
            throw invalid("It must have 1 to " + STATEMENTS_MAX + " statements.");
        }
        for (JsonNode statement : statements) {
            checkStatement(statement);
        }
        return new AccessPolicy(statements, document);
    }

    private static void checkStatement(JsonNode statement) {
        String effect = statement.path("Effect").asString("");
        if (!effect.equals("Allow") && !effect.equals("Deny")) {
            throw invalid("Each statement must have the Effect Allow or Deny.");
        }
        if (!statement.has("Action") && !statement.has("NotAction")) {
            throw invalid("Each statement must have an Action.");
        }
        if (!statement.has("Principal") && !statement.has("NotPrincipal")) {
            throw invalid("Each statement must have a Principal.");
        }
    }

    private static FaultException invalid(String reason) {
        return SqsError.INVALID_ATTRIBUTE_VALUE.with(
                "Invalid value for the parameter Policy. " + reason);
    }

    /// The policy of a queue.
    static AccessPolicy of(Definition.Queue queue) {
        return read(Objects.requireNonNullElse(QueueAttribute.POLICY.held(queue), ""));
    }

    /// Whether there is a statement of this label.
    boolean has(String label) {
        return statements.stream()
                .anyMatch(statement -> statement.path(SID).asString("").equals(label));
    }

    /// The text of this policy and one more statement.
    String with(String label, List<String> accounts, List<String> actions, String arn) {
        ObjectNode statement = JSON.createObjectNode().put(SID, label).put("Effect", "Allow");
        List<String> principals =
                accounts.stream().map(account -> "arn:aws:iam::" + account + ":root").toList();
        put(statement.putObject("Principal"), "AWS", principals);
        put(statement, "Action", actions.stream().map(action -> "SQS:" + action).toList());
        statement.put("Resource", arn);
        List<JsonNode> all = new ArrayList<>(statements);
        all.add(statement);
        return text(all, arn);
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
    String without(String label, String arn) {
        List<JsonNode> left =
                statements.stream()
                        .filter(statement -> !statement.path(SID).asString("").equals(label))
                        .toList();
        return left.isEmpty() ? "" : text(left, arn);
    }

    private String text(List<JsonNode> all, String arn) {
        ObjectNode changed = document.deepCopy();
        if (document.isEmpty()) {
            changed.put("Version", "2008-10-17").put("Id", arn + "/SQSDefaultPolicy");
        }
        all.forEach(changed.putArray(STATEMENT)::add);
        return JSON.writeValueAsString(changed);
    }
}
