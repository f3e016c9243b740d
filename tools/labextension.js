// The course's extension of JupyterLab, as JupyterLab loads it: a container of one module (tools/setup.py installs it).
//
// It gives pictures their alternative text, shows the error of must.M without its stack, and does not let a notebook count as changed because it was opened.
(function () {
  let shared;

  // load returns a module of JupyterLab itself.
  async function load(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  // wrap lets change see what JupyterLab's own renderer of a type of output does: change(render, model, node).
  function wrap(rendermime, type, change) {
    const factory = rendermime.getFactory(type);
    const createRenderer = options => {
      const renderer = factory.createRenderer(options);
      const render = renderer.renderModel.bind(renderer);
      renderer.renderModel = model => change(render, model, renderer.node);
      return renderer;
    };
    rendermime.addFactory({ ...factory, mimeTypes: [type], createRenderer }, factory.defaultRank);
  }

  // A figure's output has its text alternative as text/plain. JupyterLab shows the picture alone.
  async function describeImage(render, model, node) {
    await render(model);
    const text = model.data["text/plain"];
    for (const image of node.querySelectorAll("img:not([alt])")) {
      image.alt = Array.isArray(text) ? text.join("") : text ?? "";
    }
  }

  // Where must.M ends a cell that does not import fashionlab/plots/display, it panics, and the error is followed by a stack.
  // What matters are the error and the innermost line of a cell. GoNB marks these lines. The notebook's file keeps all.
  const PANIC = /^\S+ \S+ Must not error: ([^]*?)\nPanicking \.\.\.\n[^]*?\ngoroutine [^]*?(\S*\[\[ Cell \[\d+\] Line \d+ \]\]\S*)[^]*/m;
  function shorten(render, model) {
    const type = "application/vnd.jupyter.stderr";
    const text = model.data[type];
    if (typeof text !== "string" || !PANIC.test(text)) {
      return render(model);
    }
    const data = { ...model.data, [type]: text.replace(PANIC, (_, error, place) => `${place} ${error}\n`) };
    return render(Object.create(model, { data: { value: data } }));
  }

  // When a notebook is opened, JupyterLab writes the language into it where there is none, and later the kernel's description
  // of it, with Go's version. These are no changes of the reader's.
  function ignoreLanguage(model) {
    model.dirty = false; // it has been read a moment ago
    let dirty = false; // as it was before the current change
    model.stateChanged.connect(() => queueMicrotask(() => { dirty = model.dirty; }));
    model.metadataChanged.connect((_, change) => {
      if (!dirty && (change.key === "language_info" || change.key === "kernelspec")) {
        queueMicrotask(() => { model.dirty = false; });
      }
    });
  }

  async function plugin() {
    const { INotebookTracker } = await load("@jupyterlab/notebook");
    const { IRenderMimeRegistry } = await load("@jupyterlab/rendermime");
    return {
      id: "fashionlab:notebooks",
      description: "Alternative text for pictures, short errors, and no change by opening.",
      autoStart: true,
      requires: [INotebookTracker, IRenderMimeRegistry],
      activate: (_, tracker, rendermime) => {
        wrap(rendermime, "image/svg+xml", describeImage);
        wrap(rendermime, "image/png", describeImage);
        wrap(rendermime, "application/vnd.jupyter.stderr", shorten);
        tracker.widgetAdded.connect((_, panel) => panel.context.ready.then(() => ignoreLanguage(panel.context.model)));
      },
    };
  }

  (window._JUPYTERLAB ??= {}).fashionlab = {
    init: scope => { shared = scope; },
    get: async () => {
      const module = { __esModule: true, default: await plugin() };
      return () => module;
    },
  };
})();
