/** A message as it stands on the wire (https://protobuf.dev/programming-guides/encoding/): values by the numbers of their fields. */
export type Message = ReadonlyMap<number, readonly (Buffer | bigint)[]>;

/** Reads one message; what is a message itself is read by another call. */
export function readMessage(bytes: Buffer): Message {
  const fields = new Map<number, (Buffer | bigint)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError('A field is longer than its message.');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const value = { 0: varint, 1: () => take(8), 2: () => take(Number(varint())), 5: () => take(4) }[tag & 7];
    if (!value) throw new TypeError(`There is no wire type ${tag & 7}.`);
    const list = fields.get(tag >> 3) ?? [];
    list.push(value());
    fields.set(tag >> 3, list);
  }
  return fields;
}

/** The messages of a field. */
export function messagesIn(message: Message, field: number): Message[] {
  return (message.get(field) ?? []).map((bytes) => readMessage(bytes as Buffer));
}

export function bytesIn(message: Message, field: number): Buffer {
  return (message.get(field)?.[0] as Buffer | undefined) ?? Buffer.alloc(0);
}

export function textIn(message: Message, field: number): string {
  return bytesIn(message, field).toString('utf8');
}

/** @returns 0 where the field is left out */
export function numberIn(message: Message, field: number): number {
  return Number((message.get(field)?.[0] as bigint | undefined) ?? 0n);
}
