// Runs a module of WebAssembly that imports nothing, and prints the digests that it leaves in its memory.
import { readFileSync } from "node:fs";

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
instance.exports.main(0, 0);
const memory = Buffer.from(instance.exports.memory.buffer);
const marker = Buffer.from(["vethlab-", "digests:"].join(""));
const begin = memory.lastIndexOf(marker);
if (begin < 0) {
  throw new Error("no digests in memory");
}
const end = memory.indexOf("end\n", begin);
process.stdout.write(memory.subarray(begin, end + 4));
