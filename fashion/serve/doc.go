// Package serve answers requests for the predictions of a network over HTTP, in the Open
// Inference Protocol v2 with the extension for binary tensors. The clients of KServe and
// Triton speak it. A Server is an http.Handler, which a Go program can put into a server of
// its own:
//
//	predictor, err := net.Predictor(64)
//	…
//	server, err := serve.New("mine", predictor, serve.Options{MaxBatch: 64})
//	…
//	mux.Handle("/v2/", server)
//
// The protocol: https://github.com/kserve/open-inference-protocol. The extension:
// https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_binary_data.html.
package serve
