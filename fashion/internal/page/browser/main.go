//go:build js && wasm

// Command browser is the part of a page that computes: it prepares pictures, and computes the
// network that the page holds. It sets the global object fashionlab, whose functions return
// {error} if they fail:
//
//	open(network)           reads the network; call it first
//	read(file)              {pixels, done}: a picture's file as the network sees it, and what was done
//	predict(pixels)         {logits, probabilities, predicted}
//	look(pixels, class)     {map, height, width}: where the network looks, in [0, 1]
//
// Files, networks and pixels are Uint8Arrays, the other arrays are Float32Arrays.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"syscall/js"

	"fashionlab/fashion/internal/forward"
	"fashionlab/fashion/internal/picture"
)

// network is the one that the page holds.
var network *forward.Network

func main() {
	js.Global().Set("fashionlab", map[string]any{
		"open": function(open), "read": function(read), "predict": function(predict), "look": function(look),
	})
	select {} // the functions are called while main waits
}

// function makes a function that JavaScript can call.
func function(f func(args []js.Value) (map[string]any, error)) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any {
		result, err := f(args)
		if err != nil {
			return map[string]any{"error": err.Error()}
		}
		return result
	})
}

func open(args []js.Value) (map[string]any, error) {
	var err error
	network, err = forward.Decode(bytesOf(args[0]))
	return nil, err
}

func read(args []js.Value) (map[string]any, error) {
	pixels, done, err := picture.Read(bytesOf(args[0]))
	if err != nil {
		return nil, err
	}
	steps := make([]any, len(done))
	for i, step := range done {
		steps[i] = step
	}
	return map[string]any{"pixels": arrayOf(pixels), "done": steps}, nil
}

func predict(args []js.Value) (map[string]any, error) {
	logits, err := network.Logits(bytesOf(args[0]))
	if err != nil {
		return nil, err
	}
	largest := 0
	for i, v := range logits {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, errors.New("an output of the network is not a finite number, as after a training that diverged; train it again with a smaller learning rate")
		}
		if v > logits[largest] {
			largest = i
		}
	}
	probabilities := make([]float32, len(logits))
	total := 0.0
	for _, v := range logits {
		total += math.Exp(float64(v - logits[largest]))
	}
	for i, v := range logits {
		probabilities[i] = float32(math.Exp(float64(v-logits[largest])) / total)
	}
	return map[string]any{"logits": floats(logits), "probabilities": floats(probabilities), "predicted": largest}, nil
}

func look(args []js.Value) (map[string]any, error) {
	places, err := network.Look(bytesOf(args[0]), args[1].Int())
	if err != nil {
		return nil, err
	}
	largest := float32(0)
	for _, v := range places {
		largest = max(largest, v)
	}
	if largest > 0 {
		for i := range places {
			places[i] /= largest
		}
	}
	return map[string]any{"map": floats(places), "height": network.Height, "width": network.Width}, nil
}

// bytesOf copies a Uint8Array.
func bytesOf(v js.Value) []byte {
	content := make([]byte, v.Length())
	js.CopyBytesToGo(content, v)
	return content
}

// arrayOf returns a Uint8Array.
func arrayOf(content []byte) js.Value {
	array := js.Global().Get("Uint8Array").New(len(content))
	js.CopyBytesToJS(array, content)
	return array
}

// floats returns a Float32Array. WebAssembly is little endian.
func floats(values []float32) js.Value {
	var content bytes.Buffer
	_ = binary.Write(&content, binary.LittleEndian, values) // writing to a buffer never fails
	return js.Global().Get("Float32Array").New(arrayOf(content.Bytes()).Get("buffer"))
}
