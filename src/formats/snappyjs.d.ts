// snappyjs brings no types.
declare module "snappyjs" {
  /** One snappy block; the same type of bytes as given. */
  export function compress(bytes: Uint8Array): Uint8Array;
  /** Throws where the bytes are no snappy block or longer than `maxLength` when unpacked. */
  export function uncompress(bytes: Uint8Array, maxLength?: number): Uint8Array;
}
