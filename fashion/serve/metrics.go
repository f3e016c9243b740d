package serve

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are those of one server, with a registry of its own, so that a program can have
// several servers.
type metrics struct {
	requests     *prometheus.CounterVec
	seconds      prometheus.Histogram
	batchImages  prometheus.Histogram
	batchSeconds prometheus.Histogram
	registry     *prometheus.Registry
}

// newMetrics returns the metrics. open returns the number of requests that are read or wait.
func newMetrics(open func() float64) *metrics {
	seconds := prometheus.ExponentialBuckets(0.0005, 2, 15) // 0.5 ms to 8 s
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fashion_inference_requests_total", Help: "Requests for inference, by the status of the answer.",
		}, []string{"code"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "fashion_inference_request_duration_seconds", Help: "Time from a request's header to its answer.", Buckets: seconds,
		}),
		batchImages: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "fashion_batch_images", Help: "Images that were computed at once.", Buckets: prometheus.ExponentialBuckets(1, 2, 11),
		}),
		batchSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "fashion_batch_duration_seconds", Help: "Time to compute a batch.", Buckets: seconds,
		}),
		registry: prometheus.NewRegistry(),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.batchImages, m.batchSeconds,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "fashion_inference_requests_open", Help: "Requests that are read or wait for their answer.",
		}, open),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
