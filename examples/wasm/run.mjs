// Steps the program in node's event loop until it is done, and ends with its status.
import { readFile } from "node:fs/promises";

/** A program that waits for so long has nobody left to wake it. */
const PATIENCE_MILLIS = 60 * 60 * 1000;

const module = await readFile(process.argv[2]);
const host = {
    now_millis: () => performance.now(),
    print_line: (text, bytes) => {
        const memory = new Uint8Array(instance.exports.memory.buffer, text, bytes);
        console.log(new TextDecoder().decode(memory));
    },
};
const { instance } = await WebAssembly.instantiate(module, { host });
const program = instance.exports.start();

function step() {
    const pause = instance.exports.step(program);
    if (pause < 0) {
        process.exitCode = pause === -1 ? 0 : 1;
    } else if (pause > PATIENCE_MILLIS) {
        console.error("FAILED: the program waits for ever");
        process.exitCode = 1;
    } else if (pause === 0) {
        setImmediate(step);
    } else {
        setTimeout(step, pause);
    }
}
step();
