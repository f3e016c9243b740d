"use strict";

(() => {
  const side = 28;
  const element = (id) => document.getElementById(id);
  const content = JSON.parse(element("content").textContent);
  // The image on show: its pixels, what the network answers, and where it comes from.
  let shown = null;
  let testImages = new Uint8Array();
  let testImage = 0; // the last one on show

  // unpack returns the bytes of an element, which are compressed and in base64.
  async function unpack(id) {
    const compressed = Uint8Array.from(atob(element(id).textContent), (c) => c.charCodeAt(0));
    element(id).remove();
    const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  function fail(error) {
    element("status").textContent = "";
    element("error").textContent = error instanceof Error ? error.message : String(error);
  }

  // call calls a function of the program in Go.
  function call(name, ...args) {
    const result = globalThis.fashionlab[name](...args);
    if (result.error) throw new Error(result.error);
    return result;
  }

  // painted lets the browser show what has changed before a long computation.
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

  async function start() {
    if (typeof DecompressionStream === "undefined" || typeof WebAssembly === "undefined") {
      throw new Error("This browser is too old for this page: it needs WebAssembly and DecompressionStream. Browsers since 2023 have both.");
    }
    const go = new Go();
    const { instance } = await WebAssembly.instantiate(await unpack("program"), go.importObject);
    go.run(instance).then(() => fail("The program has ended; load the page again."));
    call("open", await unpack("network"));
    testImages = await unpack("images");
    element("status").textContent = "";
    if (content.labels.length > 0) showTest(0);
  }

  // show computes what the network answers for pixels and shows it. label is -1 if it is unknown.
  function show(pixels, label, done) {
    const started = performance.now();
    const answer = call("predict", pixels);
    const took = performance.now() - started;
    element("error").textContent = "";
    element("status").textContent = "";
    shown = { pixels, label, ...answer };
    paintPixels(element("seen"), pixels);
    element("seen").setAttribute("aria-label", "28×28 grey pixels of " + (label < 0 ? "the picture" : content.classes[label]));
    element("done").textContent = done;
    const percent = (p) => (100 * p).toFixed(1) + "%";
    const name = content.classes[answer.predicted];
    let text = `${name}, ${percent(answer.probabilities[answer.predicted])}.`;
    if (label >= 0) text += label === answer.predicted ? " The label is the same." : ` The label is ${content.classes[label]}.`;
    element("answer").textContent = `${text} (${took.toFixed(0)} ms)`;
    [...element("classes").rows].forEach((row, i) => {
      row.className = i === answer.predicted ? "predicted" : "";
      row.querySelector(".bar").style.width = percent(answer.probabilities[i]);
      row.querySelector(".measure span").textContent = percent(answer.probabilities[i]);
      row.cells[2].textContent = answer.logits[i].toFixed(2).replace("-", "−");
    });
    if (content.maps) look();
  }

  // paintPixels draws 28×28 grey pixels as squares.
  function paintPixels(canvas, pixels) {
    const image = new ImageData(side, side);
    pixels.forEach((v, i) => image.data.set([v, v, v, 255], 4 * i));
    paint(canvas, image, false);
  }

  // paint draws an image over a whole canvas.
  function paint(canvas, image, smooth) {
    const small = document.createElement("canvas");
    small.width = image.width;
    small.height = image.height;
    small.getContext("2d").putImageData(image, 0, 0);
    const context = canvas.getContext("2d");
    context.imageSmoothingEnabled = smooth;
    context.drawImage(small, 0, 0, canvas.width, canvas.height);
  }

  // look shows where the network looks for the chosen class.
  function look() {
    const chosen = Number(element("class").value);
    const output = chosen < 0 ? shown.predicted : chosen;
    const { map, height, width } = call("look", shown.pixels, output);
    paintPixels(element("map"), shown.pixels);
    const heat = new ImageData(width, height);
    map.forEach((v, i) => heat.data.set([255, 128, 0, 200 * v], 4 * i));
    paint(element("map"), heat, true);
    const name = content.classes[output];
    const strongest = map.indexOf(Math.max(...map));
    const third = (i, n, names) => names[Math.min(2, Math.floor((3 * (i + 0.5)) / n))];
    const row = third(Math.floor(strongest / width), height, ["upper ", "", "lower "]);
    const where = row + third(strongest % width, width, ["left", "centre", "right"]);
    const text = map[strongest] > 0
      ? `Orange places raise the logit of ${name}, most of all at the ${where} (Grad-CAM of the last convolution).`
      : `No place raises the logit of ${name} (Grad-CAM of the last convolution).`;
    element("map").setAttribute("aria-label", text);
    element("map-text").textContent = text;
  }

  // forgetFiles empties the inputs for files, but for the one that the picture comes from.
  function forgetFiles(input) {
    for (const id of ["file", "photograph"]) {
      if (element(id) !== input) element(id).value = "";
    }
  }

  // read prepares a picture's file and shows it. input is what the file was chosen with, if any.
  async function read(file, input) {
    forgetFiles(input);
    element("error").textContent = element("answer").textContent = "";
    element("status").textContent = "Reading the picture …";
    element("image-title").textContent = "";
    element("shown").selectedIndex = -1;
    await painted();
    try {
      const { pixels, done } = call("read", new Uint8Array(await file.arrayBuffer()));
      show(pixels, -1, `The picture was ${done.join(", ")}.`);
    } catch (error) {
      fail(error);
    }
  }

  // showTest shows a test image by its position in the page.
  function showTest(i) {
    testImage = i;
    forgetFiles();
    const pixels = testImages.slice(i * side * side, (i + 1) * side * side);
    element("shown").value = String(i);
    element("image-title").textContent = `Test image ${content.indices[i]}, labelled ${content.classes[content.labels[i]]}`;
    show(pixels, content.labels[i], "An image of the data set, as it is.");
  }

  function setUpPictures() {
    for (const id of ["file", "photograph"]) {
      element(id).addEventListener("click", (event) => { event.target.value = ""; }); // so that the same file can be chosen again
      element(id).addEventListener("change", (event) => {
        if (event.target.files.length > 0) read(event.target.files[0], event.target);
      });
    }
    document.addEventListener("paste", (event) => {
      const file = [...event.clipboardData.files][0];
      if (file) read(file);
      else fail("What was pasted is not a picture.");
    });
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      document.body.classList.add("dropping");
    });
    document.addEventListener("dragleave", () => document.body.classList.remove("dropping"));
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      document.body.classList.remove("dropping");
      const file = event.dataTransfer.files[0];
      if (file) read(file);
      else fail("What was dropped is not a file; save the picture first.");
    });
  }

  function setUpCamera() {
    if (!navigator.mediaDevices) return;
    element("camera-row").hidden = false;
    const video = element("video");
    const stop = () => {
      for (const track of video.srcObject?.getTracks() ?? []) track.stop();
      video.srcObject = null;
      video.hidden = element("shoot").hidden = true;
    };
    element("camera").addEventListener("click", async () => {
      if (video.srcObject) return stop();
      try {
        video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        video.hidden = element("shoot").hidden = false;
        await video.play();
        element("shoot").focus();
      } catch (error) {
        stop();
        fail(`The camera does not start: ${error.message}`);
      }
    });
    element("shoot").addEventListener("click", () => {
      const canvas = document.createElement("canvas");
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      canvas.getContext("2d").drawImage(video, 0, 0);
      stop();
      element("camera").focus();
      canvas.toBlob(read);
    });
  }

  function setUpDrawing() {
    const canvas = element("drawing");
    const context = canvas.getContext("2d");
    const clear = () => {
      context.fillStyle = "#ffffff";
      context.fillRect(0, 0, canvas.width, canvas.height);
    };
    let last = null; // the brush, while it is down
    const line = (to) => {
      context.strokeStyle = "#202020";
      context.lineCap = "round";
      context.lineWidth = Number(element("brush").value);
      context.beginPath();
      context.moveTo(last.x, last.y);
      context.lineTo(to.x, to.y);
      context.stroke();
      last = to;
    };
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return { x: ((event.clientX - box.left) / box.width) * canvas.width, y: ((event.clientY - box.top) / box.height) * canvas.height };
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      last = place(event);
      line(last);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (last) line(place(event));
    });
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, () => {
        last = null;
        canvas.toBlob(read);
      });
    }
    let brush = { x: canvas.width / 2, y: canvas.height / 2 };
    const steps = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] };
    canvas.addEventListener("keydown", (event) => {
      const step = steps[event.key];
      if (!step && event.key !== " ") return;
      event.preventDefault();
      if (step) {
        const inside = (v, n) => Math.min(Math.max(v, 0), n);
        brush = { x: inside(brush.x + step[0], canvas.width), y: inside(brush.y + step[1], canvas.height) };
        if (last) line(brush);
      } else if (last) {
        last = null;
        canvas.toBlob(read);
        return;
      } else {
        last = brush;
        line(brush);
      }
      element("status").textContent = `Brush ${last ? "down" : "up"}, ${Math.round((100 * brush.x) / canvas.width)}% from the left, ${Math.round((100 * brush.y) / canvas.height)}% from the top`;
    });
    element("clear").addEventListener("click", clear);
    clear();
  }

  function setUpAnswers() {
    content.classes.forEach((name, i) => {
      const row = element("classes").insertRow();
      row.innerHTML = '<th scope="row"></th><td><div class="measure"><div class="track" aria-hidden="true"><div class="bar"></div></div><span></span></div></td><td></td>';
      row.cells[0].textContent = name;
      element("class").add(new Option(name, String(i)));
    });
    element("class").add(new Option("the predicted one", "-1"), 0);
    element("class").value = "-1";
    element("class").addEventListener("change", () => {
      if (shown) look();
    });
    element("look").hidden = !content.maps;
    element("no-look").hidden = content.maps;
  }

  function setUpTestImages() {
    const select = element("shown");
    content.classes.forEach((name, label) => {
      const group = document.createElement("optgroup");
      group.label = name;
      content.labels.forEach((l, i) => {
        if (l === label) group.append(new Option(`${name}, image ${content.indices[i]}`, String(i)));
      });
      if (group.children.length > 0) select.append(group);
    });
    const count = content.labels.length;
    select.addEventListener("change", () => showTest(Number(select.value)));
    element("previous").addEventListener("click", () => showTest((testImage + count - 1) % count));
    element("next").addEventListener("click", () => showTest((testImage + 1) % count));
    element("test-images").hidden = count === 0;
  }

  element("facts").textContent = [`${content.parameters.toLocaleString("en")} parameters`, content.note].filter(Boolean).join(" · ");
  setUpAnswers();
  setUpTestImages();
  setUpDrawing();
  setUpPictures();
  setUpCamera();
  start().catch(fail);
})();
