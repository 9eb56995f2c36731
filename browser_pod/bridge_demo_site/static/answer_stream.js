// Reads the answer stream: records `<lane><code>:<json>`, one a line, cut anywhere by the network.

/** Call `onRecord(lane, code, payload)` for each record. */
export async function readRecords(body, onRecord) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = done ? "" : lines.pop();
    for (const line of lines) if (line) deliver(line, onRecord);
    if (done) return;
  }
}

function deliver(line, onRecord) {
  const match = /^([ab])([0-9a-z]):(.*)$/s.exec(line);
  if (!match) throw new Error("The answer is not what this page expects.");
  onRecord(match[1], match[2], JSON.parse(match[3]));
}
