import fc from "fast-check";
import { expect, test } from "vitest";
import { createLatin1Decoder, decodeLatin1, END_OF_TEXT, textEncodingOf } from "./text-encoding.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const le = (content: string): Buffer => Buffer.from(content, "utf16le");
const be = (content: string): Buffer => Buffer.from(content, "utf16le").swap16();

const LOG = "2025-03-04 09:15:22\r\n Tag  Type     Allocs\r\n NtFC Nonp  12 2 10 960 96\r\n";

test("8-bit text that another shell appended to UTF-16 is read, and UTF-16 after it", () => {
  const parts = [le(`\ufeff${LOG}`), Buffer.from(LOG), le(`\ufeff${LOG}`), Buffer.from(LOG)];
  expect(text(decodeLatin1(Buffer.concat(parts)))).toBe(LOG.repeat(4));
  const big = [be(`\ufeff${LOG}`), Buffer.from(LOG), be(LOG), be(`\ufeff${LOG}`)];
  expect(text(decodeLatin1(Buffer.concat(big)))).toBe(LOG.repeat(4));
  const german = Buffer.from(`Dienstag, 4. März 2025 09:15:22\r\n${LOG}`, "latin1");
  expect(text(decodeLatin1(Buffer.concat([le(`\ufeff${LOG}`), german])))).toBe(LOG + german.toString("latin1"));
});

test("letters of other scripts stay letters, however many follow each other", () => {
  const chinese = "系统池信息标记类型分配释放差异字节每次周二内存可用页面错误内核提交限制峰值池";
  expect(Buffer.from(decodeLatin1(le(`\ufeff${chinese}\n`))).toString()).toBe(`${chinese}\n`);
  // A few bytes at the end are no text of their own.
  expect(Buffer.from(decodeLatin1(le("\ufeffabc 周周"))).toString()).toBe("abc 周周");
});

test("any split into chunks gives the same text", () => {
  const part = fc.oneof(
    fc.string({ unit: "binary-ascii" }).map((each) => le(each)),
    fc.constantFrom(le("\ufeff周二 "), Buffer.from(LOG), le(LOG), Buffer.from([0]), Buffer.from([0xff, 0xfe])),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.array(fc.nat(400), { maxLength: 6 }), (parts, cuts) => {
      const bytes = Buffer.concat([le("\ufeff"), ...parts]);
      const encoding = textEncodingOf(bytes);
      const decode = createLatin1Decoder(encoding);
      const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      let from = 0;
      const chunks: Uint8Array[] = [];
      for (const to of ends) {
        if (to > from) chunks.push(decode(bytes.subarray(from, to)).slice());
        from = Math.max(from, to);
      }
      chunks.push(decode(END_OF_TEXT).slice());
      expect(text(Buffer.concat(chunks))).toBe(text(decodeLatin1(bytes, encoding)));
    }),
  );
});
