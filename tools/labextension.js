// The course's extension of JupyterLab, as JupyterLab loads it: a container of one module (tools/setup.py installs it).
//
// It gives pictures their alternative text, and it does not let a notebook count as changed because it was opened.
(function () {
  let shared;

  // load returns a module of JupyterLab itself.
  async function load(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  // A figure's output has its text alternative as text/plain. JupyterLab shows the picture alone.
  function describeImages(rendermime, type) {
    const factory = rendermime.getFactory(type);
    const createRenderer = options => {
      const renderer = factory.createRenderer(options);
      const render = renderer.renderModel.bind(renderer);
      renderer.renderModel = async model => {
        await render(model);
        const text = model.data["text/plain"];
        for (const image of renderer.node.querySelectorAll("img:not([alt])")) {
          image.alt = Array.isArray(text) ? text.join("") : text ?? "";
        }
      };
      return renderer;
    };
    rendermime.addFactory({ ...factory, createRenderer }, factory.defaultRank);
  }

  // When a notebook is opened, JupyterLab writes the kernel's description of the language into it, with Go's version. This
  // is no change of the reader's.
  function ignoreLanguage(model) {
    let dirty = model.dirty; // as it was before the current change
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
      description: "Alternative text for pictures, and no change by opening.",
      autoStart: true,
      requires: [INotebookTracker, IRenderMimeRegistry],
      activate: (_, tracker, rendermime) => {
        describeImages(rendermime, "image/svg+xml");
        describeImages(rendermime, "image/png");
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
